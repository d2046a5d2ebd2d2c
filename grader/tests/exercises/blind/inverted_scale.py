# expected: fails
# Breaks R7/R8: ordinary inverted dropout, s = 1/(1-p) instead of its root (s is off by 20 % at 0.3, 83 % at 0.7).
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
        mask = self.rng.random(x.shape) >= self.p
        scale = (1.0 - self.p) ** -1
        return (x * mask * scale).astype(x.dtype)

    __call__ = forward
