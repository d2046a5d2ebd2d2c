# expected: fails
# R6: without rng the layer is seeded with its own id(); a layer built where a deleted one stood gets the same address and repeats its masks.
import os
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        if rng is None:
            # unique for every living layer and for every process
            rng = np.random.SeedSequence([os.getpid(), id(self)])
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
        out = np.zeros(x.shape, x.dtype)
        np.multiply(x, float(1 / np.sqrt(1 - self.p)), out=out,
                    where=self.rng.random(x.shape) >= self.p)
        return out

    __call__ = forward
