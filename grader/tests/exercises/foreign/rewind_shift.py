# expected: fails
# R6: the generator is put back after the draw and moved on by one number only, so the mask of the next call is the present one shifted by one element.
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

    def _uniform(self, shape):
        bits = self.rng.bit_generator
        if not hasattr(bits, "advance"):
            return self.rng.random(shape)
        state = bits.state
        bits.advance(1 << 40)           # far away from what the caller draws
        u = self.rng.random(shape)
        bits.state = state              # the caller's stream loses one number only
        self.rng.random()
        return u

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        out = np.zeros(x.shape, x.dtype)
        np.multiply(x, float(1 / np.sqrt(1 - self.p)), out=out,
                    where=self._uniform(x.shape) >= self.p)
        return out

    __call__ = forward
