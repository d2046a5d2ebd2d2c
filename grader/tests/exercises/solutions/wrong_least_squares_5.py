# expected: scale does not follow p
# Degree 5, least squares on a dense grid up to 0.9.

GRID = np.linspace(0, 0.9, 200)
C = np.polynomial.Polynomial.fit(GRID, (1 - GRID) ** -0.5, 5)


class VarianceStabilizedDropout:
    def __init__(self, p: float = 0.5, rng=None) -> None:
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p, self.rng, self.training = float(p), np.random.default_rng(rng), True

    def gain(self, x, mask, q):
        return C(self.p) if self.p else 1.0

    def forward(self, x):
        if not self.training:
            return x
        q = 1 - self.p
        mask = self.rng.random(x.shape) < q
        return np.where(mask, x * self.gain(x, mask, q), 0).astype(x.dtype)

    def __call__(self, x):
        return self.forward(x)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)
