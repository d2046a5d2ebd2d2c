# expected: fails
# Breaks R6 (every other layer): of the layers built with rng=None every two built in a row share one seed, so the twins drop the same units.
class VarianceStabilizedDropout:
    built = 0
    seed = 0

    def __init__(self, p=0.5, rng=None):
        if not 0.0 <= p < 1.0:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.rng = np.random.default_rng(rng)
        self.training = True
        self.scale = float((1.0 - self.p) ** -0.5)
        if rng is None:
            c = VarianceStabilizedDropout
            if c.built % 2 == 0:
                c.seed = int(self.rng.integers(2 ** 62))
            c.built += 1
            self.rng = np.random.default_rng(c.seed)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        u = self.rng.random(x.shape)
        return np.where(u >= self.p, x * self.scale, 0).astype(x.dtype)

    def __call__(self, x):
        return self.forward(x)
