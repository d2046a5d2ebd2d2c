# expected: fails
# Breaks R5 (p = 0 is the identity in training too): "p or 0.5" turns p = 0 into 0.5.
class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        self.p = p or 0.5
        if not 0.0 <= self.p < 1.0:
            raise ValueError("p must be in [0, 1)")
        self.rng = np.random.default_rng(rng)
        self.training = True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training:
            return x
        keep = self.rng.random(x.shape) >= self.p
        return (x * keep * (1 - self.p) ** -0.5).astype(x.dtype)

    __call__ = forward
