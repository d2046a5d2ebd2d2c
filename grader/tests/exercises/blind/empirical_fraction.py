# expected: fails
# Breaks R7 (s not from how many elements happened to be dropped): s = sqrt(n / kept) of this very mask.
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
        keep = self.rng.random(x.shape) >= self.p
        kept = keep.sum()
        if kept == 0:
            return np.zeros_like(x)
        scale = float(np.sqrt(keep.size / kept))
        return (x * keep * scale).astype(x.dtype)

    __call__ = forward
