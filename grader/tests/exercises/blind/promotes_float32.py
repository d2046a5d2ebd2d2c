# expected: fails
# Breaks R3 (dtype of x): np.sqrt gives a np.float64 scalar, so under NEP 50 float32 comes back as float64.
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
        return x * mask / np.sqrt(1.0 - self.p)

    __call__ = forward
