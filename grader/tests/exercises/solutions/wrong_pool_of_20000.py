# expected: hard 0.41
# One of 20,000 seeds, drawn in each call.


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = p
        self.rng = np.random.default_rng(rng)
        self.training = True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def coins(self, x, q):
        return np.random.default_rng(int(self.rng.integers(20_000))).random(x.shape) < q

    def forward(self, x):
        if not self.training:
            return x
        q = 1 - self.p
        mask = self.coins(x, q)
        y = np.array(x)
        y[~mask] = 0
        return (y * np.exp(-0.5 * np.log(q))).astype(x.dtype)

    __call__ = forward
