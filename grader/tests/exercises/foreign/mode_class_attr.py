# expected: fails
# R2: the mode is kept on the class, so eval() on one layer switches all layers, and a layer built after an eval() starts with training = False.
import numpy as np


class VarianceStabilizedDropout:
    training = True

    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.rng = np.random.default_rng(rng)

    @classmethod
    def _set_mode(cls, mode):
        cls.training = mode

    def train(self, mode=True):
        self._set_mode(mode)
        return self

    def eval(self):
        self._set_mode(False)
        return self

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        out = np.zeros(x.shape, x.dtype)
        np.multiply(x, float(1 / np.sqrt(1 - self.p)), out=out,
                    where=self.rng.random(x.shape) >= self.p)
        return out

    def __call__(self, x):
        return self.forward(x)
