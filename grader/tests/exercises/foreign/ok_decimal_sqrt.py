# expected: passes
# The scale is computed in 40-digit decimal arithmetic with Decimal.sqrt; dropped places are set by np.putmask / np.copyto.
from decimal import Decimal, localcontext
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not 0.0 <= p < 1.0:
            raise ValueError("p must be in [0, 1)")
        self.p, self.training = p, True
        self.rng = np.random.default_rng(rng)
        with localcontext() as ctx:
            ctx.prec = 40
            self.scale = float(1 / (1 - Decimal(p)).sqrt())

    def forward(self, x):
        x = np.asarray(x)
        if self.p == 0.0 or not self.training:
            return x
        with np.errstate(over="ignore"):
            y = np.multiply(x, self.scale).astype(x.dtype, copy=False)
        np.putmask(y, self.rng.uniform(0.0, 1.0, x.shape) < self.p, 0)
        return y

    def __call__(self, x):
        return self.forward(x)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self
