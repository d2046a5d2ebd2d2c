# expected: fails
# Breaks R9 (a root or a power in the code, not in a comment or a string): Newton steps only, np.sqrt only in the docstring.
class VarianceStabilizedDropout:
    """Scale is s = np.sqrt(1 / (1 - p)) = (1 - p) ** -0.5, because Var[y] = (1-p) s**2 Var[x]."""
    def __init__(self, p=0.5, rng=None):
        if not 0.0 <= p < 1.0:
            raise ValueError("p must be in [0, 1)")
        self.p = p
        self.rng = np.random.default_rng(rng)
        self.training = True
        # s = sqrt(1 / (1 - p))
        a = 1.0 / (1.0 - p)
        s = a
        for _ in range(200):
            s = (s + a / s) / 2
        self.scale = s

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        keep = self.rng.random(x.shape) >= self.p
        return (x * keep * self.scale).astype(x.dtype)

    __call__ = forward
