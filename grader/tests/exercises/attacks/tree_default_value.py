# expected: no root or power
# Holds 0.5 as default values only, in several places, and takes the root by Newton's steps.

from dataclasses import dataclass


@dataclass
class Settings:
    half: float = 0.5


def newton(q, half=0.5, *, other=0.5):
    s = 1.0
    for _ in range(80):
        s = (s + 1 / (q * s)) / 2
    return s


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p")
        self.p, self.rng, self.training = p, np.random.default_rng(rng), True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training:
            return x
        kept = self.rng.random(x.shape) >= self.p
        return x * kept * newton(1 - self.p)

    def __call__(self, x):
        return self.forward(x)
