# expected: passes
# right: binomial count per row, then that many places by argpartition of uniforms: the same law
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not (0.0 <= p < 1.0):
            raise ValueError("p outside [0, 1)")
        self.p = p
        self.training = True
        self.rng = np.random.default_rng(rng)

    def train(self, mode=True):
        self.training = bool(mode)
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0:
            return x
        q = 1.0 - self.p
        f = x.reshape(-1, x.shape[-1]) if x.size else x.reshape(0, 1)
        k = self.rng.binomial(f.shape[1], q, f.shape[0])
        rank = np.argsort(np.argsort(self.rng.random(f.shape), axis=1), axis=1)
        keep = (rank < k[:, None]).reshape(x.shape)
        return np.where(keep, x * q**-0.5, 0).astype(x.dtype)

    __call__ = forward
