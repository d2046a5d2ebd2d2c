# expected: fails
# Breaks R3 (x may be empty): reshape(len(x), -1) raises for an empty first axis.
class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0.0 <= p < 1.0:
            raise ValueError("p must be in [0, 1)")
        self.p = p
        self.rng = np.random.default_rng(rng)
        self.training = True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        flat = x.reshape(len(x), -1)
        keep = self.rng.random(flat.shape) >= self.p
        out = flat * keep * (1 - self.p) ** -0.5
        return out.reshape(x.shape).astype(x.dtype)

    __call__ = forward
