# expected: holds only in part
# Keeps p as a whole number of per cent.

from dataclasses import dataclass


@dataclass
class VarianceStabilizedDropout:
    p: float = 0.5
    rng: object = None
    training: bool = True

    def __post_init__(self):
        p = self.p
        if not (p >= 0 and p < 1):
            raise ValueError(p)
        self.rng = np.random.default_rng(self.rng)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def gain(self, x, mask, q):
        return 100 / np.sqrt(100 * (100 - round(100 * self.p)))

    def forward(self, x):
        if not self.training:
            return x
        q = 1 - self.p
        mask = self.rng.binomial(1, q, x.shape).astype(bool)
        y = np.zeros_like(x)
        y[mask] = (x * self.gain(x, mask, q))[mask]
        return y

    def __call__(self, x):
        return self.forward(x)
