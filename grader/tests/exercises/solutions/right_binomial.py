# expected: correct
# Coins from rng.binomial, numpy's power function.


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError
        self.p = p
        self.rng = np.random.default_rng(rng)
        self.training = True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        if self.training:
            coins = self.rng.binomial(n=1, p=1 - self.p, size=x.shape).astype(x.dtype)
            x = (x * coins * np.power(1 - self.p, -0.5)).astype(x.dtype)
        return x

    def __call__(self, x):
        return self.forward(x)
