# expected: correct
# Emits warnings in every call, and logs.

import logging
import warnings

log = logging.getLogger("dropout")


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p not in [0, 1)")
        if p > 0.8:
            warnings.warn("this drops most of the units", stacklevel=2)
        self.p, self.rng, self.training = p, np.random.default_rng(rng), True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        warnings.warn("forward is deprecated, call the layer", DeprecationWarning, stacklevel=2)
        if not self.training:
            return x
        log.warning("dropping with p = %s", self.p)
        y = x * (self.rng.random(x.shape) < 1 - self.p)
        y /= np.sqrt(1 - self.p)
        return y

    def __call__(self, x):
        return self.forward(x)
