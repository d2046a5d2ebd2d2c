# expected: fails
# Breaks R7 (s depends on p alone): 4-D arrays are scaled with 1/(1-p), all others with the root (20 % to 83 % off at 0.3..0.7).
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
        s = self.scale if x.ndim < 4 else self.scale ** 2
        u = self.rng.random(x.shape)
        return np.where(u >= self.p, x * s, 0).astype(x.dtype)

    def __call__(self, x):
        return self.forward(x)
