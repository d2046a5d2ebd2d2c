# expected: correct
# np.vectorize over the elements, with the output type given so that empty arrays work.


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError(p)
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
        s = (1 - self.p) ** -0.5

        def unit(value, u):
            return value * s if u >= self.p else 0

        return np.vectorize(unit, otypes=[x.dtype])(x, self.rng.random(x.shape))

    def __call__(self, x):
        return self.forward(x)
