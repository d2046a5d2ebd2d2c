# expected: fails
# Breaks R7 (exact to 1e-4; a rounded number is no derivation): s rounded to 3 decimals, off by up to 4e-4 (1.4e-4..1.9e-4 at .3 .5 .7).
class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0.0 <= p < 1.0:
            raise ValueError("p must be in [0, 1)")
        self.p = p
        self.rng = np.random.default_rng(rng)
        self.training = True
        self.scale = round(float(1 / np.sqrt(1 - p)), 3)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        keep = self.rng.random(x.shape) >= self.p
        return (x * keep * self.scale).astype(x.dtype)

    __call__ = forward
