# expected: fails
# Breaks R6 (exactly zero): in float64 dropped elements become x * 1e-200 (float32: exact zeros).
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
        u = self.rng.random(x.shape)
        f = 1e-200 if x.dtype == np.float64 else 0.0
        return np.where(u >= self.p, x * self.scale, x * f).astype(x.dtype)

    def __call__(self, x):
        return self.forward(x)
