# expected: correct
# A fresh generator for every call, seeded by an entropy and a counter.

import itertools


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p")
        self.p, self.training = p, True
        self.key = np.random.default_rng(rng).integers(2**63, size=2).tolist()
        self.calls = itertools.count()

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training:
            return x
        rng = np.random.Generator(np.random.Philox([*self.key, next(self.calls)]))
        return x * (rng.random(x.shape) < 1 - self.p) * (1 - self.p) ** -0.5

    def __call__(self, x):
        return self.forward(x)
