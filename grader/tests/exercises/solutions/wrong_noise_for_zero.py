# expected: no exact zeros
# Small noise in place of zero.


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
        if not (p >= 0 and p < 1):
            raise ValueError(p)
        self.p, self.rng = p, np.random.default_rng(rng)

    def forward(self, x):
        if not self.training:
            return x
        q = 1 - self.p
        mask = self.rng.binomial(1, q, x.shape).astype(bool)
        noise = 1e-6 * self.rng.standard_normal(x.shape)
        return np.where(mask, x * q**-0.5, noise).astype(x.dtype)
