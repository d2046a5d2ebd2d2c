# expected: correct
# Stores its scaled mask for a backward pass.


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError(f"p={p}")
        self.p, self.rng = p, np.random.default_rng(rng)
        self.training, self.mask = True, None

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        self.mask = None
        return self

    def forward(self, x):
        if not self.training:
            self.mask = np.ones_like(x)
            return x
        kept = self.rng.random(x.shape) < (1 - self.p)
        self.mask = (kept / np.sqrt(1 - self.p)).astype(x.dtype)
        return x * self.mask

    def backward(self, grad):
        return grad * self.mask

    def __call__(self, x):
        return self.forward(x)
