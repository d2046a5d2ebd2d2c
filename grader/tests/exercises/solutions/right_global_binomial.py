# expected: correct
# np.random.binomial and np.random.seed-free global functions.


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if np.isnan(p) or not (0 <= p) or not (p < 1):
            raise ValueError("no such layer")
        self.p, self.training = p, True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def __call__(self, x):
        if not self.training:
            return x
        q = 1 - self.p
        return (x * (np.random.binomial(1, q, x.shape) / q**0.5)).astype(x.dtype)

    def forward(self, x):
        return self(x)
