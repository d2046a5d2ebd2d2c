# expected: passes
# Np.where, and the root as reciprocal(sqrt); float(...) keeps float32.
class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.training = True
        self.rng = np.random.default_rng(rng)
        self.s = float(np.reciprocal(np.sqrt(1 - self.p)))

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        return np.where(self.rng.random(x.shape) < self.p, x.dtype.type(0), x * self.s)

    def __call__(self, x):
        return self.forward(x)
