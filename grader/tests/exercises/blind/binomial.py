# expected: passes
# Binomial(1, 1-p) is the Bernoulli coin; -0.0 for dropped negative values equals zero.
class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.training = True
        self.rng = np.random.default_rng(rng)
        self.s = np.power(1 - self.p, -1 / 2)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        keep = self.rng.binomial(1, 1 - self.p, size=x.shape)
        return (x * (keep * self.s)).astype(x.dtype)

    def __call__(self, x):
        return self.forward(x)
