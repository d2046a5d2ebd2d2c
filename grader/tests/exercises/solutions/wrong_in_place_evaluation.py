# expected: x changed in place
# Evaluation zeroes its input and gives back a copy.


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
            y = x.copy()
            x[...] = 0
            return y
        q = 1.0 - self.p
        mask, scale = self.rng.random(x.shape) < q, q**-0.5
        return (x * mask * scale).astype(x.dtype)

    def __call__(self, x):
        return self.forward(x)
