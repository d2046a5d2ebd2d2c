# expected: fails
# Each call is seeded by seed + 7919 * call: layers whose seeds differ by 7919 have the same masks.

class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError(f"p must satisfy 0 <= p < 1, got {p}")
        self.p = p
        self.rng = np.random.default_rng(rng)
        self.training = True
        self.seed, self.n = rng if isinstance(rng, int) else int(self.rng.integers(2**60)), 0

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training:
            return x
        q = 1.0 - self.p
        s = q ** -0.5
        self.n += 1
        mask = np.random.default_rng(self.seed + 7919 * self.n).random(x.shape) < q
        y = (x * mask * s).astype(x.dtype)
        return y

    def __call__(self, x):
        return self.forward(x)
