# expected: fails
# R6/R7: 1 - p is rounded to three decimals "against float dust", so rate and scale are off for p = 0.0125, 0.9988 and the like.
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = p
        # 1 - 0.9 = 0.09999999999999998: get rid of the dust
        self.keep_prob = max(round(1.0 - float(p), 3), 0.001)
        self.scale = float(1 / np.sqrt(self.keep_prob))
        self.training = True
        self.rng = np.random.default_rng(rng)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        x = np.asarray(x)
        if (not self.training) or self.p == 0:
            return x
        mask = self.rng.random(x.shape) < self.keep_prob
        y = np.zeros_like(x)
        y[mask] = x[mask] * self.scale
        return y

    def __call__(self, x):
        return self.forward(x)
