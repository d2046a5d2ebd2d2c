# expected: fails
# 2-d batches with 64 features or more: every row drops a fixed number of features (k winners per sample), dithered so that the fraction is exact.

class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError(f"p must satisfy 0 <= p < 1, got {p}")
        self.p = p
        self.rng = np.random.default_rng(rng)
        self.training = True

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
        mask = self.rng.random(x.shape) < q
        if x.ndim == 2 and x.shape[1] >= 64:
            n = x.shape[1]
            k = np.floor(q * n + self.rng.random((len(x), 1)))
            mask = self.rng.random(x.shape).argsort(1).argsort(1) < k
        y = (x * mask * s).astype(x.dtype)
        return y

    def __call__(self, x):
        return self.forward(x)
