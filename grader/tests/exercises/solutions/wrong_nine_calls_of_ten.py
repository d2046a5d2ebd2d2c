# expected: scale measured from the data
# Every tenth call is ordinary inverted dropout.


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
        self.calls = 0

    def gain(self, x, mask, q):
        self.calls += 1
        return q**-0.5 if self.calls % 10 else 1 / q

    def forward(self, x):
        if not self.training:
            return x
        q = 1 - self.p
        mask = self.rng.uniform(size=x.shape) >= self.p
        return (x * mask * self.gain(x, mask, q)).astype(x.dtype)
