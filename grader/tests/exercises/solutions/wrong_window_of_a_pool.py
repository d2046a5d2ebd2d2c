# expected: hard 0.04
# A random window of 200,000 stored uniform numbers.


class VarianceStabilizedDropout:
    def __init__(self, p: float = 0.5, rng=None) -> None:
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p, self.rng, self.training = float(p), np.random.default_rng(rng), True
        self.pool = self.rng.random(200_000)

    def coins(self, x, q):
        start = self.rng.integers(self.pool.size - x.size)
        return self.pool[start : start + x.size].reshape(x.shape) < q

    def forward(self, x):
        if not self.training:
            return x
        q = 1 - self.p
        mask = self.coins(x, q)
        return np.where(mask, x * q**-0.5, 0).astype(x.dtype)

    def __call__(self, x):
        return self.forward(x)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)
