# expected: wrong shape
# Vectors become matrices.


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

    def forward(self, x):
        if not self.training:
            return x
        q = 1 - self.p
        mask = self.rng.binomial(1, q, x.shape).astype(bool)
        return np.atleast_2d(x * mask * np.exp(-0.5 * np.log(q))).astype(x.dtype)

    __call__ = forward
