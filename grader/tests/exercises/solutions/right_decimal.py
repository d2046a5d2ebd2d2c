# expected: correct
# Thirty decimal digits for the root, a float for the product.

from decimal import Context, Decimal


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p")
        q = 1 - Decimal(float(p))
        self.q = float(q)
        self.s = float(Decimal(1) / q.sqrt(Context(prec=30)))
        self.rng, self.training = np.random.default_rng(rng), True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training:
            return x
        return np.choose(self.rng.random(x.shape) < self.q, [np.zeros_like(x), x * self.s])

    def __call__(self, x):
        return self.forward(x)
