# expected: masks repeat
# Seeds each call with the seed plus its number: neighbours share their masks one call apart.


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must satisfy 0 <= p < 1")
        self.p = p
        self.rng = rng
        self.training = True
        self.seed = int(np.random.default_rng(rng).integers(2**31)) if not isinstance(rng, int) else rng
        self.calls = 0

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if self.training:
            self.rng = np.random.default_rng(self.seed + self.calls)
            self.calls += 1
        if not self.training:
            return x
        q = 1.0 - self.p
        mask = self.rng.random(x.shape) < q
        y = (x * mask * (1.0 / np.sqrt(q))).astype(x.dtype)
        return y

    def __call__(self, x):
        return self.forward(x)
