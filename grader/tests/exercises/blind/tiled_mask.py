# expected: fails
# Breaks R6 (every other element): arrays of more than 4096 elements get a mask that repeats with period 1024 (coins i and i+1024 equal).
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
        if x.size > 4096:
            u = np.resize(self.rng.random(1024), x.size).reshape(x.shape)
        else:
            u = self.rng.random(x.shape)
        return np.where(u >= self.p, x * self.scale, 0).astype(x.dtype)

    def __call__(self, x):
        return self.forward(x)
