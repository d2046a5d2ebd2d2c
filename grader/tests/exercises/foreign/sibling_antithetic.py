# expected: fails
# R6: every second layer built without rng takes the seed of the layer before it and uses 1-u, so the masks of the two layers are antithetic (complementary at p = 0.5).
import numpy as np


class VarianceStabilizedDropout:
    _open_seed = None

    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.training = True
        self._flip = False
        if rng is None:
            cls = VarianceStabilizedDropout
            if cls._open_seed is None:
                rng = cls._open_seed = np.random.SeedSequence().entropy
            else:
                rng, cls._open_seed = cls._open_seed, None
                self._flip = True
        self.rng = np.random.default_rng(rng)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        u = self.rng.random(x.shape)
        if self._flip:
            u = 1.0 - u
        out = np.zeros(x.shape, x.dtype)
        np.multiply(x, float(1 / np.sqrt(1 - self.p)), out=out, where=u >= self.p)
        return out

    __call__ = forward
