# expected: fails
# Breaks R6 (independent of every other call): the mask is drawn once per shape and then reused for ever.
class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0.0 <= p < 1.0:
            raise ValueError("p must be in [0, 1)")
        self.p = p
        self.rng = np.random.default_rng(rng)
        self.training = True
        self.mask = None

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        if self.mask is None or self.mask.shape != x.shape:
            self.mask = self.rng.random(x.shape) >= self.p
        scale = float(1.0 / np.sqrt(1.0 - self.p))
        return (x * self.mask * scale).astype(x.dtype)

    __call__ = forward
