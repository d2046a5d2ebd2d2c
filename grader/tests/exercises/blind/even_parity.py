# expected: fails
# Breaks R6 (every other element): at p = 0.5 the 8th coin of each 8 is the parity of the other 7 (an even number dropped in all octets; any 7 are independent).
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
        if self.p == 0.5:
            n = x.size
            b = self.rng.integers(0, 2, (-(-n // 8), 8))
            b[:, 7] = b[:, :7].sum(axis=1) % 2
            keep = b.ravel()[:n].reshape(x.shape) == 0
        else:
            keep = self.rng.random(x.shape) >= self.p
        return np.where(keep, x * self.scale, 0).astype(x.dtype)

    def __call__(self, x):
        return self.forward(x)
