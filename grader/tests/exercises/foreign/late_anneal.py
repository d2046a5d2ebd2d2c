# expected: fails
# R6: after 100 training calls the layer drops with 0.96 p only.
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not 0.0 <= p < 1.0:
            raise ValueError("p must be in [0, 1)")
        self.p = p
        self.s = (1.0 - p) ** -0.5
        self.rng = np.random.default_rng(rng)
        self.training = True
        self.calls = 0

    def _drops(self, x):
        self.calls += 1
        rate = self.p if self.calls <= 100 else 0.96 * self.p
        return self.rng.random(x.shape) < rate

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0.0:
            return x
        drop = self._drops(x)
        y = np.zeros(x.shape, x.dtype)
        np.multiply(x, self.s, out=y, where=~drop)
        return y

    def __call__(self, x):
        return self.forward(x)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self
