# expected: fails
# Breaks R6 (every other element): in 2-D to 4-D each last-axis row has its own rate p +- 0.25 min(p, 1-p); right on average, in-row correlation 0.03 to 0.06.
class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0.0 <= p < 1.0:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.rng = np.random.default_rng(rng)
        self.training = True
        self.scale = float((1.0 - self.p) ** -0.5)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        q = self.p
        if x.ndim >= 2:
            d = 0.25 * min(self.p, 1.0 - self.p)
            q = self.p + d * (2.0 * self.rng.integers(0, 2, x.shape[:-1] + (1,)) - 1.0)
        u = self.rng.random(x.shape)
        return np.where(u >= q, x * self.scale, 0).astype(x.dtype)

    def __call__(self, x):
        return self.forward(x)
