# expected: counts too regular
# Chooses exactly pn units to drop.


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not (p >= 0 and p < 1):
            raise ValueError(p)
        self.p = p
        self.rng = np.random.default_rng(rng)
        self.training = True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def coins(self, x, q):
        m = np.ones(x.size, bool)
        m[self.rng.choice(x.size, round(self.p * x.size), replace=False)] = False
        return m.reshape(x.shape)

    def forward(self, x):
        if not self.training:
            return x
        q = 1 - self.p
        mask = self.coins(x, q)
        y = np.array(x)
        y[~mask] = 0
        return (y * np.exp(-0.5 * np.log(q))).astype(x.dtype)

    __call__ = forward
