# expected: fails
# Breaks R7 (one s for all calls): from the 21st training call of a layer on, s is 1 % too large.
class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0.0 <= p < 1.0:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.rng = np.random.default_rng(rng)
        self.training = True
        self.scale = float((1.0 - self.p) ** -0.5)
        self.calls = 0

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        self.calls += 1
        s = self.scale if self.calls <= 20 else 1.01 * self.scale
        u = self.rng.random(x.shape)
        return np.where(u >= self.p, x * s, 0).astype(x.dtype)

    def __call__(self, x):
        return self.forward(x)
