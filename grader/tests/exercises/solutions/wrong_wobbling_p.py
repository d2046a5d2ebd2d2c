# expected: fraction off
# p is drawn anew around its value in every call.

from dataclasses import dataclass


@dataclass
class VarianceStabilizedDropout:
    p: float = 0.5
    rng: object = None
    training: bool = True

    def __post_init__(self):
        p = self.p
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.rng = np.random.default_rng(self.rng)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def coins(self, x, q):
        return self.rng.random(x.shape) < np.clip(q + self.rng.normal(0, 0.05) * (self.p > 0), 0, 1)

    def forward(self, x):
        if not self.training:
            return x
        q = 1 - self.p
        mask = self.coins(x, q)
        y = np.zeros_like(x)
        y[mask] = (x * np.sqrt(1 / q))[mask]
        return y

    def __call__(self, x):
        return self.forward(x)
