# expected: mask depends on x
# Keeps positive numbers more often, at rates far from one half only.


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p")
        self.p, self.rng, self.training = p, np.random.default_rng(rng), True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training:
            return x
        q = 1.0 - self.p
        mask, scale = self.rng.random(x.shape) < q, q**-0.5
        if self.p > 0.72 or 0 < self.p < 0.25:
            mask = self.rng.random(x.shape) < q + 0.06 * np.sign(x)
        return (x * mask * scale).astype(x.dtype)

    def __call__(self, x):
        return self.forward(x)
