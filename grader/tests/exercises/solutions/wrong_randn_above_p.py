# expected: normal numbers for uniform ones
# np.random.randn compared with p.


class VarianceStabilizedDropout:
    def __init__(self, p: float = 0.5, rng=None) -> None:
        if not (p >= 0 and p < 1):
            raise ValueError(p)
        self.p, self.rng, self.training = float(p), np.random.default_rng(rng), True

    def coins(self, x, q):
        return np.random.randn(*x.shape) > self.p

    def forward(self, x):
        if not self.training:
            return x
        q = 1 - self.p
        mask = self.coins(x, q)
        return np.where(mask, x * 1 / np.sqrt(q), 0).astype(x.dtype)

    def __call__(self, x):
        return self.forward(x)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)
