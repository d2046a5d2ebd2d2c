# expected: fails
# Breaks R6 (every other call): train() rewinds the generator to its first state, so the calls after eval()/train() repeat the first masks.
class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0.0 <= p < 1.0:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.rng = np.random.default_rng(rng)
        self.training = True
        self.scale = float((1.0 - self.p) ** -0.5)
        self.rng = np.random.default_rng(int(self.rng.integers(2 ** 62)))
        self.start = self.rng.bit_generator.state

    def train(self, mode=True):
        if mode and not self.training:
            self.rng.bit_generator.state = self.start
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
