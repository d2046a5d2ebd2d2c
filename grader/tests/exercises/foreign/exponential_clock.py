# expected: passes
# Coins are exponential waiting times (dropped if the clock rings before -log1p(-p)); s by exp(-log1p(-p)/2); __call__ is the real method and forward its alias.
import math

import numpy


class VarianceStabilizedDropout(object):
    def __init__(self, p=0.5, rng=None):
        if not (p >= 0 and p < 1):
            raise ValueError("drop probability out of [0, 1): %r" % (p,))
        self.p = p
        self._deadline = -math.log1p(-float(p))
        self.training = True
        self._gen = numpy.random.default_rng(rng)

    @property
    def s(self):
        return math.exp(self._deadline / 2)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def __call__(self, x):
        if not self.training or self._deadline == 0.0:
            return x
        y = x * x.dtype.type(self.s)
        if y.size:
            y[self._gen.standard_exponential(y.shape) < self._deadline] = 0
        return y

    forward = __call__
