# expected: passes
# Compares 64-bit integers with floor(p * 2^64), so the rate is exact to 2^-64.
class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.training = True
        self.rng = np.random.default_rng(rng)
        self.cut = np.uint64(int(self.p * 2.0 ** 64))
        self.s = pow(1 - self.p, -0.5)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        keep = self.rng.integers(0, 2 ** 64, size=x.shape, dtype=np.uint64) >= self.cut
        return np.multiply(x, self.s, out=np.zeros_like(x), where=keep)

    def __call__(self, x):
        return self.forward(x)
