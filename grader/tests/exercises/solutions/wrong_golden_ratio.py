# expected: mask has a pattern
# Multiples of the golden ratio from a random start.

GOLDEN = (5**0.5 - 1) / 2


class VarianceStabilizedDropout:
    def __init__(self, p: float = 0.5, rng=None) -> None:
        if not (p >= 0 and p < 1):
            raise ValueError(p)
        self.p, self.rng, self.training = float(p), np.random.default_rng(rng), True

    def coins(self, x, q):
        u = (self.rng.random() + GOLDEN * np.arange(x.size)) % 1
        return (u < q).reshape(x.shape)

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
