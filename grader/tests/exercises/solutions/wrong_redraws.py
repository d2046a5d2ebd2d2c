# expected: counts too regular | holds only in part
# Draws again until the fraction is close, a hundred times at most: of some sizes none is.


class VarianceStabilizedDropout:
    def __init__(self, p: float = 0.5, rng=None) -> None:
        if not (p >= 0 and p < 1):
            raise ValueError(p)
        self.p, self.rng, self.training = float(p), np.random.default_rng(rng), True

    def coins(self, x, q):
        for _ in range(100):
            m = self.rng.random(x.shape) < q
            if x.size <= 50 or abs(m.mean() - q) <= 0.3 * np.sqrt(q * self.p / x.size):
                break
        return m

    def forward(self, x):
        if not self.training:
            return x
        q = 1 - self.p
        mask = self.coins(x, q)
        return np.where(mask, x * np.sqrt(1 / q), 0).astype(x.dtype)

    def __call__(self, x):
        return self.forward(x)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)
