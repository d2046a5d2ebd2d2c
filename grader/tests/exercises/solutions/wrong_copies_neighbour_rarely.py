# expected: hard 0.86
# One element of thirty copies its neighbour's fate.


class VarianceStabilizedDropout:
    def __init__(self, p: float = 0.5, rng=None) -> None:
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p, self.rng, self.training = float(p), np.random.default_rng(rng), True

    def coins(self, x, q):
        m = self.rng.random(x.size) < q
        copy = np.flatnonzero(self.rng.random(x.size) < 1 / 30)[1:]
        m[copy] = m[copy - 1]
        return m.reshape(x.shape)

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
