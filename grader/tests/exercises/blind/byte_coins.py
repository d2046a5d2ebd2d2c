# expected: fails
# Breaks R6 (probability p): coins are random bytes < floor(256 p); the fraction is too small by up to 0.0039 (0.0031 at 0.3, 0.0008 at 0.7).
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
        b = np.frombuffer(self.rng.bytes(x.size), dtype=np.uint8).reshape(x.shape)
        return np.where(b >= int(self.p * 256), x * self.scale, 0).astype(x.dtype)

    def __call__(self, x):
        return self.forward(x)
