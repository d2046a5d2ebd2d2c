# expected: masks repeat
# A mask serves two calls if the size allows it.


class VarianceStabilizedDropout:
    def __init__(self, p: float = 0.5, rng=None) -> None:
        if np.isnan(p) or p < 0 or p >= 1:
            raise ValueError(f"no probability of dropping: {p}")
        self.p, self.rng, self.training = float(p), np.random.default_rng(rng), True
        self.last = None

    def coins(self, x, q):
        if self.last is not None and self.last.size == x.size:
            mask, self.last = self.last.reshape(x.shape), None
            return mask
        self.last = self.rng.random(x.shape) < q
        return self.last

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
