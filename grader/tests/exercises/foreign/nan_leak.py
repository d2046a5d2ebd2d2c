# expected: passes
# Right: what a dropped NaN or infinity becomes is not judged (its author, who had an earlier text, took it for wrong).
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0.0 <= p < 1.0:
            raise ValueError("p must lie in [0, 1)")
        self.p = float(p)
        self.rng = rng if isinstance(rng, np.random.Generator) else np.random.default_rng(rng)
        self.training = True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training or self.p == 0.0:
            return x
        mask = (self.rng.random(x.shape) >= self.p).astype(x.dtype)
        scale = float(1.0 / np.sqrt(1.0 - self.p))
        return x * mask * scale

    __call__ = forward
