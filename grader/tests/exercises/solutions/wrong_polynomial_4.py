# expected: scale does not follow p
# A polynomial of degree 4 through known points.

P = np.array([0.0, 0.1, 0.3, 0.5, 0.7])
C = np.polyfit(P, (1 - P) ** -0.5, 4)


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
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p, self.rng = p, np.random.default_rng(rng)

    def gain(self, x, mask, q):
        return np.polyval(C, self.p)

    def forward(self, x):
        if not self.training:
            return x
        q = 1 - self.p
        mask = self.rng.random(x.shape) < q
        return (x * mask * self.gain(x, mask, q)).astype(x.dtype)
