# expected: interface
# train(True) switches to evaluation.


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p")
        self.p, self.rng, self.training = p, np.random.default_rng(rng), True

    def train(self, mode=None):
        self.training = mode is None
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training:
            return x
        q = 1.0 - self.p
        mask, scale = self.rng.random(x.shape) < q, q**-0.5
        return (x * mask * scale).astype(x.dtype)

    def __call__(self, x):
        return self.forward(x)
