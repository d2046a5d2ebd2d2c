# expected: bad p
# Clips p in place of refusing it.


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        self.p = min(max(p, 0.0), 1 - 1e-9)
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
