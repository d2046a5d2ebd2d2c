# expected: mask has a pattern
# A linear congruential generator modulo 4096.


class VarianceStabilizedDropout:
    def __init__(self, p: float = 0.5, rng=None) -> None:
        if np.isnan(p) or p < 0 or p >= 1:
            raise ValueError(f"no probability of dropping: {p}")
        self.p, self.rng, self.training = float(p), np.random.default_rng(rng), True
        self.state = int(self.rng.integers(4096))

    def coins(self, x, q):
        u = np.empty(x.size)
        for k in range(x.size):
            self.state = (self.state * 1029 + 221) % 4096
            u[k] = self.state / 4096
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
