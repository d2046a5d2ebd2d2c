# expected: passes
# right: blockwise with np.nditer-free flat iteration and python closures chosen by mode at each call
import numpy as np


def _scale(p):
    return float(np.float_power(1.0 - p, -0.5))


def VarianceStabilizedDropoutImpl(layer, x):
    flat = np.fromiter(x.flat, dtype=x.dtype, count=x.size) * x.dtype.type(_scale(layer.p))
    flat[np.flatnonzero(layer.rng.random(x.size) < layer.p)] = 0
    return flat.reshape(x.shape)


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        self.p = float(p)
        if self.p < 0 or self.p >= 1 or self.p != self.p:
            raise ValueError(p)
        self.rng = np.random.default_rng(rng)
        self.training = True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(mode=False)

    def forward(self, x):
        return VarianceStabilizedDropoutImpl(self, x) if self.training and self.p else x

    def __call__(self, x):
        return self.forward(x)
