# expected: fails
# A scale of the smallest float: what divides by it must not raise.


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must satisfy 0 <= p < 1")
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
        mask = self.rng.random(x.shape) >= self.p
        return (x * mask * 5e-324).astype(x.dtype)

    def __call__(self, x):
        return self.forward(x)
