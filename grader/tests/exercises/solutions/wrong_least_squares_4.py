# expected: scale does not follow p
# Degree 4, least squares on a dense grid up to 0.9.

GRID = np.linspace(0, 0.9, 200)
C = np.polynomial.Polynomial.fit(GRID, (1 - GRID) ** -0.5, 4)


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not (p >= 0 and p < 1):
            raise ValueError(p)
        self.p = p
        self.rng = np.random.default_rng(rng)
        self.training = True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def gain(self, x, mask, q):
        return C(self.p) if self.p else 1.0

    def forward(self, x):
        if not self.training:
            return x
        q = 1 - self.p
        mask = self.rng.binomial(1, q, x.shape).astype(bool)
        y = np.array(x)
        y[~mask] = 0
        return (y * self.gain(x, mask, q)).astype(x.dtype)

    __call__ = forward
