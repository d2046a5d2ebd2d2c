# expected: p = 0 is not the identity
# p or 0.5: zero counts as not given.


class VarianceStabilizedDropout:
    def __init__(self, p=None, rng=None):
        self.p = p or 0.5
        if not 0 <= self.p < 1:
            raise ValueError("p")
        self.rng, self.training = np.random.default_rng(rng), True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training:
            return x
        return x * (self.rng.random(x.shape) >= self.p) * (1 - self.p) ** -0.5

    def __call__(self, x):
        return self.forward(x)
