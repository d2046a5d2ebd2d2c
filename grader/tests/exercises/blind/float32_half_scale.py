# expected: fails
# Breaks R7 (exact to 1e-4): for float32 the scale is a float16, off by up to 4.9e-4 (1.1e-4 at 0.5, 2.4e-4 at 0.7); float64 is exact.
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
        s = float(np.float16(self.scale)) if x.dtype == np.float32 else self.scale
        u = self.rng.random(x.shape)
        return np.where(u >= self.p, x * s, 0).astype(x.dtype)

    def __call__(self, x):
        return self.forward(x)
