# expected: scale differs between elements
# The observed fraction of each row.


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

    def gain(self, x, mask, q):
        f = mask.mean(axis=-1, keepdims=True) if mask.size else np.ones(1)
        return 1 / np.sqrt(np.maximum(f, 0.01))

    def forward(self, x):
        if not self.training:
            return x
        q = 1 - self.p
        mask = self.rng.binomial(1, q, x.shape).astype(bool)
        return (x * mask * self.gain(x, mask, q)).astype(x.dtype)
