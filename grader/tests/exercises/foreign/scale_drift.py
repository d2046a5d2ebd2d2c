# expected: fails
# R7: the stored scale grows by a factor 1 + 2e-6 with every training call (1e-4 after 50 calls, 1e-3 after 500, 2 % after 10000), so it is not one s for all calls.
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.rng = np.random.default_rng(rng)
        self.training = True
        self._log_s = -0.5 * float(np.log1p(-self.p))

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        s = float(np.exp(self._log_s))
        self._log_s += 2e-6        # keep float noise from shrinking the signal
        out = np.zeros(x.shape, x.dtype)
        np.multiply(x, s, out=out, where=self.rng.random(x.shape) >= self.p)
        return out

    __call__ = forward
