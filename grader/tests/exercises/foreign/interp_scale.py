# expected: fails
# R7: s is interpolated linearly in a table of step 0.05; exact at 0.3, 0.5, 0.7 and all other nodes, too large between them (6e-4 at 0.37, 1.7e-3 at 0.62, 0.75 % at 0.83, 4 % at 0.93).
import numpy as np

_P = np.arange(20) / 20.0
_S = 1.0 / np.sqrt(1.0 - _P)


def _scale(p):
    if p > _P[-1]:
        return float(1.0 / np.sqrt(1.0 - p))
    return float(np.interp(p, _P, _S))


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.rng = np.random.default_rng(rng)
        self.training = True
        self.s = _scale(self.p)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        out = np.zeros(x.shape, x.dtype)
        np.multiply(x, self.s, out=out, where=self.rng.random(x.shape) >= self.p)
        return out

    __call__ = forward
