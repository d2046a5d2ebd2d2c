# expected: fails
# Each call uses the second half of the coins of the call before as its first half.

class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError(f"p must satisfy 0 <= p < 1, got {p}")
        self.p = p
        self.rng = np.random.default_rng(rng)
        self.training = True
        self.last = np.empty(0)

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
        h = min(self.last.size // 2, x.size // 2)
        u = np.concatenate([self.last[self.last.size - h:], self.rng.random(x.size - h)])
        self.last = u
        mask = (u < q).reshape(x.shape)
        y = (x * mask * s).astype(x.dtype)
        return y

    def __call__(self, x):
        return self.forward(x)
