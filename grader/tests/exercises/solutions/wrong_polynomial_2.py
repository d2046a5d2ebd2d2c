# expected: scale does not follow p
# A polynomial of degree 2 through known points.

P = np.array([0.3, 0.5, 0.7])
C = np.polyfit(P, (1 - P) ** -0.5, 2)


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if np.isnan(p) or p < 0 or p >= 1:
            raise ValueError(f"no probability of dropping: {p}")
        self.p = p
        self.rng = np.random.default_rng(rng)
        self.training = True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def gain(self, x, mask, q):
        return np.polyval(C, self.p)

    def forward(self, x):
        if not self.training:
            return x
        q = 1 - self.p
        mask = self.rng.uniform(size=x.shape) >= self.p
        y = np.array(x)
        y[~mask] = 0
        return (y * self.gain(x, mask, q)).astype(x.dtype)

    __call__ = forward
