# expected: raises in training or evaluation
# Looks at the maximum of an empty array.


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

    def forward(self, x):
        if not self.training:
            return x
        q = 1 - self.p
        mask = self.rng.random(x.shape) < q
        assert np.abs(x).max() < np.inf
        return (x * mask * q**-0.5).astype(x.dtype)
