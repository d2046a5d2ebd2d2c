# expected: correct
# Normal numbers, compared with the right quantile of the normal law.

from statistics import NormalDist


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p")
        self.p, self.rng, self.training = p, np.random.default_rng(rng), True
        self.cut = NormalDist().inv_cdf(p) if p > 0 else -np.inf

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training:
            return x
        return np.where(
            self.rng.standard_normal(x.shape) > self.cut, x * (1 - self.p) ** -0.5, x.dtype.type(0)
        )

    def __call__(self, x):
        return self.forward(x)
