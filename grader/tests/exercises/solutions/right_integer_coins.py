# expected: correct
# Integer coins of 53 bits below a threshold, and a complex root whose real part counts.

import cmath


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p")
        self.threshold = round((1 - p) * 2**53)
        self.s = (1 / cmath.sqrt(1 - p)).real
        self.rng, self.training = np.random.default_rng(rng), True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training:
            return x
        coins = self.rng.integers(0, 2**53, size=x.shape)
        return np.select([coins < self.threshold], [x * self.s]).astype(x.dtype)

    def __call__(self, x):
        return self.forward(x)
