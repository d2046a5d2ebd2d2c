# expected: fails
# R6: axes with stride 0 (np.broadcast_to views) get one coin only, so all elements along a broadcast axis are dropped together.
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
        # do the work on the memory that is really there
        index = tuple(slice(0, 1) if st == 0 and n > 1 else slice(None)
                      for st, n in zip(x.strides, x.shape))
        core = x[index]
        out = np.zeros(core.shape, x.dtype)
        np.multiply(core, float(1 / np.sqrt(1 - self.p)), out=out,
                    where=self.rng.random(core.shape) >= self.p)
        return np.array(np.broadcast_to(out, x.shape))

    __call__ = forward
