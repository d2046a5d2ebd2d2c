# expected: correct
# The scale is a power with a negative exponent, the mask a comparison with >=.


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not (0.0 <= p < 1.0):
            raise ValueError("p out of range")
        self.p, self.rng, self.training = p, np.random.default_rng(rng), True

    def train(self, mode=True):
        self.training = bool(mode)
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        kept = self.rng.random(x.shape) >= self.p
        return x * kept * (1 - self.p) ** -0.5

    __call__ = forward
