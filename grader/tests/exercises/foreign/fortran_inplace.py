# expected: fails
# R3: works in place on np.asfortranarray(x), which is x itself whenever x is 1-D or Fortran-ordered, so x is overwritten then.
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.rng = np.random.default_rng(rng)
        self.training = True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        # column-major copy: later layers multiply from the right
        y = np.asfortranarray(x)
        if not y.flags.writeable:
            y = y.copy(order="F")
        y *= float(1 / np.sqrt(1 - self.p))
        y[self.rng.random(y.shape) < self.p] = 0
        return y

    __call__ = forward
