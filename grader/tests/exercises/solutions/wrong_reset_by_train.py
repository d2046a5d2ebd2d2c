# expected: masks repeat
# train() starts the stream again.


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if np.isnan(p) or p < 0 or p >= 1:
            raise ValueError(f"no probability of dropping: {p}")
        self.p = p
        self.rng = np.random.default_rng(rng)
        self.training = True
        self.seed = self.rng.integers(2**32)
        self.rng = np.random.default_rng(self.seed)

    def train(self, mode=True):
        self.training = mode
        self.rng = np.random.default_rng(self.seed)
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training:
            return x
        q = 1 - self.p
        mask = self.rng.uniform(size=x.shape) >= self.p
        y = np.array(x)
        y[~mask] = 0
        return (y * np.sqrt(1 / q)).astype(x.dtype)

    __call__ = forward
