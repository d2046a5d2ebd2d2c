# expected: passes
# The number of dropped is Binomial(n, p), then a uniform subset of that size: the same law as n independent coins.
class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.training = True
        self.rng = np.random.default_rng(rng)
        self.s = float((1 - self.p) ** -0.5)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        if x.size == 0:
            return x.copy()
        k = self.rng.binomial(x.size, self.p)
        keep = np.ones(x.size, dtype=bool)
        keep[self.rng.permutation(x.size)[:k]] = False
        return x * keep.reshape(x.shape) * self.s

    def __call__(self, x):
        return self.forward(x)
