# expected: correct
# Root of the inverse, and a mask divided by the square root of the odds of staying.


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if np.isnan(p) or p < 0 or p >= 1:
            raise ValueError(f"bad drop probability: {p!r}")
        self.p = float(p)
        self.rng = np.random.default_rng(rng)
        self.training = True

    def __call__(self, x):
        return self.forward(x)

    def forward(self, x):
        if self.training:
            keep = self.rng.uniform(0, 1, size=x.shape) < 1 - self.p
            return np.asarray(x * keep * np.sqrt(1 / (1 - self.p)), dtype=x.dtype)
        return x.copy()

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(mode=False)
