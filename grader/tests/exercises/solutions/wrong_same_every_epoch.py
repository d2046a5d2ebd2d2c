# expected: masks repeat
# Every train() after the first starts the same stream again.


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p")
        self.p, self.rng, self.training = p, np.random.default_rng(rng), True
        self.epoch_seed = self.rng.integers(2**32)

    def train(self, mode=True):
        self.rng = np.random.default_rng(self.epoch_seed)
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        if not self.training:
            return x
        return x * (self.rng.random(x.shape) >= self.p) * (1 - self.p) ** -0.5

    def __call__(self, x):
        return self.forward(x)
