# expected: fails
# Breaks R7 (exact at every p): for p < 0.15 the scale is 1 + p/2 (off by 9e-4 at 0.05, 4e-3 at 0.1, 8e-3 at 0.145).
class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0.0 <= p < 1.0:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.rng = np.random.default_rng(rng)
        self.training = True
        self.scale = float((1.0 - self.p) ** -0.5)
        if self.p < 0.15:
            self.scale = 1.0 + self.p / 2

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
