# expected: fails
# R6 'with probability p': 'nothing to drop' is taken from round(p, 1), so every p below 0.05 makes the layer the identity in training.
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not 0.0 <= p < 1.0:
            raise ValueError(f"p must lie in [0, 1), got {p}")
        self.p = p
        self.training = True
        self.rng = np.random.default_rng(rng)
        self.scale = float(1.0 / np.sqrt(1.0 - p))

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or round(self.p, 1) == 0:
            return x
        drop = self.rng.random(x.shape) < self.p
        return np.where(drop, x.dtype.type(0), x * x.dtype.type(self.scale))

    def __call__(self, x):
        return self.forward(x)
