# expected: fails
# R6: uniforms of one layer are left in a class-wide stash and the next other layer with an array of that size uses them mirrored.
import numpy as np


class VarianceStabilizedDropout:
    _stash = {}

    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not 0.0 <= p < 1.0:
            raise ValueError("p must be in [0, 1)")
        self.p = p
        self.s = (1.0 - p) ** -0.5
        self.rng = np.random.default_rng(rng)
        self.training = True

    def _uniform(self, n):
        stash = VarianceStabilizedDropout._stash
        owner, u = stash.pop(n, (None, None))
        if u is None or owner == id(self):
            u = self.rng.random(n)
            stash[n] = (id(self), u)
            return u
        return u[::-1]

    def _drops(self, x):
        return (self._uniform(x.size) < self.p).reshape(x.shape)

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
