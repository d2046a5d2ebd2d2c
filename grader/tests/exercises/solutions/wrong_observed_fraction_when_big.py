# expected: holds only in part
# The observed fraction on arrays of more than 10,000 elements only.

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

    def gain(self, x, mask, q):
        f = mask.mean() if mask.size > 10_000 else q
        return 1 / np.sqrt(f)

    def forward(self, x):
        if not self.training:
            return x
        q = 1 - self.p
        mask = self.rng.random(x.shape) < q
        y = np.zeros_like(x)
        y[mask] = (x * self.gain(x, mask, q))[mask]
        return y

    def __call__(self, x):
        return self.forward(x)
