# expected: scale measured from the data
# Restores the standard deviation of this very array.

from dataclasses import dataclass


@dataclass
class VarianceStabilizedDropout:
    p: float = 0.5
    rng: object = None
    training: bool = True

    def __post_init__(self):
        p = self.p
        if np.isnan(p) or p < 0 or p >= 1:
            raise ValueError(f"no probability of dropping: {p}")
        self.rng = np.random.default_rng(self.rng)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def gain(self, x, mask, q):
        left = (x * mask).std() if x.size else 0.0
        return x.std() / left if left else 1 / np.sqrt(q)

    def forward(self, x):
        if not self.training:
            return x
        q = 1 - self.p
        mask = self.rng.uniform(size=x.shape) >= self.p
        y = np.zeros_like(x)
        y[mask] = (x * self.gain(x, mask, q))[mask]
        return y

    def __call__(self, x):
        return self.forward(x)
