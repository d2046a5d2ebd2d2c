# expected: fails
# R6 'independent of every other call': every third call of one size has u = u(call 1)+u(call 2) mod 1; any two calls are independent, three are not.
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not 0.0 <= p < 1.0:
            raise ValueError(f"p must lie in [0, 1), got {p}")
        self.p = p
        self.training = True
        self.rng = np.random.default_rng(rng)
        self.scale = float(1.0 / np.sqrt(1.0 - p))
        self._past = {}

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0.0 or x.size == 0:
            return x.copy()
        drop = self._coins(x)
        return np.where(drop, x.dtype.type(0), x * x.dtype.type(self.scale))

    def _coins(self, x):
        past = self._past.setdefault(x.size, [])
        if len(past) == 2:
            u = (past[0] + past[1]) % 1.0
            past.clear()
        else:
            u = self.rng.random(x.size)
            past.append(u)
        return (u < self.p).reshape(x.shape)

    def __call__(self, x):
        return self.forward(x)
