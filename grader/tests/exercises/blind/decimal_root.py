# expected: passes
# The root in decimal arithmetic with 28 digits; two-dimensional inversion via choice of {0, s}.
from decimal import Decimal

class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.training = True
        self.rng = np.random.default_rng(rng)
        self.s = float((1 / (1 - Decimal(self.p))).sqrt())

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        factor = self.rng.choice(np.array([0.0, self.s]), size=x.shape, p=[self.p, 1 - self.p])
        return (x * factor).astype(x.dtype)

    def __call__(self, x):
        return self.forward(x)
