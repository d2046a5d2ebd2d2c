# expected: passes
# right: binomial count, then places without replacement (the same law)
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
        n = x.size
        k = int(self.rng.binomial(n, q))
        idx = self.rng.choice(n, k, replace=False, shuffle=False) if n else np.empty(0, int)
        y = np.zeros(n, x.dtype)
        y[idx] = x.ravel()[idx] * x.dtype.type(q**-0.5)
        return y.reshape(x.shape)

    __call__ = forward
