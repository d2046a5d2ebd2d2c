# expected: fails
# Breaks R6 (every other call): a new generator from the same seed in every forward, so all calls have one mask.
class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0.0 <= p < 1.0:
            raise ValueError("p must be in [0, 1)")
        self.p = p
        if isinstance(rng, np.random.Generator):
            rng = int(rng.integers(2**32))
        self.seed = 0 if rng is None else rng
        self.training = True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        rng = np.random.default_rng(self.seed)
        keep = rng.random(x.shape) >= self.p
        return (x * keep * float(np.sqrt(1 / (1 - self.p)))).astype(x.dtype)

    __call__ = forward
