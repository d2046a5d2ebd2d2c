# expected: fails
# Breaks R4 (evaluation is the identity): multiplies by sqrt(1-p) in evaluation, as in classical dropout.
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
        root = float(np.sqrt(1 - self.p))
        if not self.training:
            return (x * root).astype(x.dtype)
        keep = self.rng.random(x.shape) >= self.p
        return (x * keep / root).astype(x.dtype)

    __call__ = forward
