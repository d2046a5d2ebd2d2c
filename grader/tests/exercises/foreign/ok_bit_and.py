# expected: passes
# Drops by AND-ing the bit pattern of a scaled private copy with 0 or all ones (integer view), so even an overflowed product becomes +0.
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not 0.0 <= p < 1.0:
            raise ValueError("p must be in [0, 1)")
        self.p = p
        self.rng = np.random.default_rng(rng)
        self.training = True

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0.0:
            return x
        y = np.array(x, order="C", copy=True, subok=False)
        with np.errstate(over="ignore"):
            y *= 2.0 ** (-0.5 * np.log2(1.0 - self.p).item())
        keep = self.rng.random(y.size) >= self.p
        if y.dtype.itemsize in (4, 8):
            word = np.dtype("i%d" % y.dtype.itemsize)
            bits = y.reshape(-1).view(word)
            bits &= -keep.astype(word)
        else:
            y.reshape(-1)[~keep] = 0
        return y

    def __call__(self, x):
        return self.forward(x)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self
