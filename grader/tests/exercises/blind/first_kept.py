# expected: fails
# Breaks R6 (every element with probability p): the first element of x is never dropped.
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
        u = self.rng.random(x.size)
        u[:1] = 1.0
        u = u.reshape(x.shape)
        return np.where(u >= self.p, x * self.scale, 0).astype(x.dtype)

    def __call__(self, x):
        return self.forward(x)
