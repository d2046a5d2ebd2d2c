# expected: correct
# With a doctest, a demonstration under __main__ and a plot that never happens.

import doctest


class VarianceStabilizedDropout:
    """Dropout with the scale 1/sqrt(1-p).

    >>> VarianceStabilizedDropout(0.75, 1).s
    2.0
    """

    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p")
        self.p, self.s = p, float(1 / np.sqrt(1 - p))
        self.rng, self.training = np.random.default_rng(rng), True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        return x * (self.rng.random(x.shape) < 1 - self.p) * self.s if self.training else x

    def __call__(self, x):
        return self.forward(x)


if __name__ == "__main__":
    doctest.testmod()
    x = np.random.randn(1000)
    print(VarianceStabilizedDropout(0.3)(x).var() / x.var())
