# expected: correct
# exp(-log(q)/2) with log1p, and a comparison with uniform numbers.

from math import exp, isfinite, log1p


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not isfinite(p) or p < 0 or p >= 1:
            raise ValueError("0 <= p < 1, please")
        self.p = p
        self.half_log = log1p(-p) / 2
        self.training = True
        self.rng = rng if isinstance(rng, np.random.Generator) else np.random.default_rng(rng)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        if not self.training:
            return np.array(x)
        out = np.array(x)
        out[self.rng.uniform(size=x.shape) < self.p] = 0
        out *= exp(-self.half_log)
        return out

    def __call__(self, x):
        return self.forward(x)
