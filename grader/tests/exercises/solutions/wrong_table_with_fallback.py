# expected: scale does not follow p
# A table of the published rates; elsewhere the nearest entry.

TABLE = {0.0: 1.0, 0.3: 0.7**-0.5, 0.5: 0.5**-0.5, 0.7: 0.3**-0.5}


class VarianceStabilizedDropout:
    def __init__(self, p: float = 0.5, rng=None) -> None:
        if np.isnan(p) or p < 0 or p >= 1:
            raise ValueError(f"no probability of dropping: {p}")
        self.p, self.rng, self.training = float(p), np.random.default_rng(rng), True

    def gain(self, x, mask, q):
        return TABLE[min(TABLE, key=lambda rate: abs(rate - self.p))]

    def forward(self, x):
        if not self.training:
            return x
        q = 1 - self.p
        mask = self.rng.uniform(size=x.shape) >= self.p
        return np.where(mask, x * self.gain(x, mask, q), 0).astype(x.dtype)

    def __call__(self, x):
        return self.forward(x)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)
