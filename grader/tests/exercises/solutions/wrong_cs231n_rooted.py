# expected: p taken as the probability of keeping
# The lecture's layer with the root, and a guard for p = 0.


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p")
        self.keep = p
        self.rng = np.random.default_rng(rng)
        self.training = True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training or self.keep == 0:
            return x
        coins = self.rng.binomial(1, self.keep, size=x.shape)
        return (x * coins / np.sqrt(self.keep)).astype(x.dtype)

    def __call__(self, x):
        return self.forward(x)
