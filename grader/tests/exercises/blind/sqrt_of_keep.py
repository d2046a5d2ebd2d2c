# expected: fails
# Breaks R7/R8: multiplies by sqrt(1-p) instead of dividing by it (Var[y] = (1-p)^2 Var[x]).
class VarianceStabilizedDropout:
    """Keeps the variance of activations."""
    def __init__(self, p=0.5, rng=None):
        if np.isnan(p) or p < 0 or p >= 1:
            raise ValueError(f"bad p: {p}")
        self.p = float(p)
        self.rng = rng if isinstance(rng, np.random.Generator) else np.random.default_rng(rng)
        self.training = True
        self.scale = float(np.sqrt(1 - self.p))

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        if not self.training or self.p == 0.0:
            return x
        keep = self.rng.random(x.shape) >= self.p
        return np.where(keep, x * self.scale, 0.0).astype(x.dtype)

    def __call__(self, x):
        return self.forward(x)
