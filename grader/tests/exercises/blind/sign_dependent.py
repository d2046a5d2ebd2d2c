# expected: fails
# Breaks R6 (independent of the values of x): negative values are dropped with p + 0.3 min(p, 1-p), positive with p - 0.3 min(p, 1-p).
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
        d = 0.3 * min(self.p, 1.0 - self.p)
        q = self.p - d * np.sign(x)
        u = self.rng.random(x.shape)
        return np.where(u >= q, x * self.scale, 0).astype(x.dtype)

    def __call__(self, x):
        return self.forward(x)
