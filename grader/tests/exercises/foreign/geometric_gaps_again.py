# expected: passes
# right: geometric gaps between dropped elements
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
        at, out = -1, []
        while at < n:
            m = int((n - at) * self.p * 1.1) + 16
            g = np.cumsum(self.rng.geometric(self.p, m).astype(float)) + at
            g = g[g < n + 1e15]
            out.append(g[g < n].astype(np.int64))
            if out[-1].size < m:
                break
            at = int(g[-1])
        d = np.concatenate(out) if out else np.empty(0, np.int64)
        y = (x * q**-0.5).astype(x.dtype).reshape(-1).copy()
        y[d] = 0
        return y.reshape(x.shape)

    __call__ = forward
