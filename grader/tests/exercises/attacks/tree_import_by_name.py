# expected: no root or power
# Imports the root under a name that is made of letters.

import importlib

root = vars(importlib.import_module("ma" + "th"))["sqr" + "t"]


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p")
        self.p, self.rng, self.training = p, np.random.default_rng(rng), True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training:
            return x
        kept = self.rng.random(x.shape) >= self.p
        return x * kept / root(1 - self.p)

    def __call__(self, x):
        return self.forward(x)
