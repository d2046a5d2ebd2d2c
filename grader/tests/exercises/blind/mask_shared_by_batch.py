# expected: fails
# Breaks R6 (independently of every other element): one mask for all samples of a batch (broadcast along axis 0).
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
        shape = x.shape if x.ndim == 1 else (1,) + x.shape[1:]
        keep = self.rng.random(shape) >= self.p
        return (x * keep * (1 - self.p) ** (-1 / 2)).astype(x.dtype)

    __call__ = forward
