# expected: correct
# Fills an array of zeros where the coin says keep.


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        self.p = self._checked(p)
        self.rng = np.random.default_rng(rng)
        self.training = True

    @staticmethod
    def _checked(p):
        if 0 <= p < 1:
            return p
        raise ValueError(f"{p} is no probability of dropping that leaves anything")

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training:
            return x
        y = np.zeros_like(x)
        kept = self.rng.random(x.shape) > self.p if self.p else np.ones(x.shape, bool)
        y[kept] = x[kept] / (1 - self.p) ** 0.5
        return y

    __call__ = forward
