# expected: passes
# One uniform serves two elements - after the first coin the rescaled remainder (u/p or (u-p)/(1-p)) is again uniform and independent; s by decimal.Decimal.sqrt; state in a nested class.
import decimal

import numpy as np


class VarianceStabilizedDropout:
    class State:
        def __init__(self, p, gen):
            self.p, self.gen = p, gen
            with decimal.localcontext() as ctx:
                ctx.prec = 40
                self.s = float(1 / (1 - decimal.Decimal(p)).sqrt())

    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not 0 <= p < 1:
            raise ValueError("p")
        self.state = self.State(p, np.random.default_rng(rng))
        self.training = True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def _drop(self, n):
        p = self.state.p
        u = self.state.gen.random((n + 1) // 2)
        first = u < p
        rest = np.where(first, u / p, (u - p) / (1 - p)) if p > 0 else u
        return np.concatenate([first, rest < p])[:n]

    def forward(self, x):
        if not self.training or self.state.p == 0:
            return x
        y = x.astype(np.float64) * self.state.s
        with np.errstate(over="ignore"):
            y = y.astype(x.dtype)
        y[self._drop(x.size).reshape(x.shape)] = 0
        return y

    def __call__(self, x):
        return self.forward(x)
