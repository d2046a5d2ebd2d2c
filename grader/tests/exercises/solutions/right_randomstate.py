# expected: correct
# Legacy RandomState, seeded by a SeedSequence, which takes an int of any size.


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not (p >= 0 and p < 1):
            raise ValueError("p must satisfy 0 <= p < 1")
        if isinstance(rng, np.random.Generator):
            rng = int(rng.integers(2**32))
        self.state = np.random.RandomState(np.random.MT19937(np.random.SeedSequence(rng)))
        self.p = p
        self.training = True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        if not self.training:
            return x
        survivors = self.state.random_sample(x.shape) < 1.0 - self.p
        return x * survivors.astype(x.dtype) * float((1.0 - self.p) ** -0.5)

    def __call__(self, x):
        return self.forward(x)
