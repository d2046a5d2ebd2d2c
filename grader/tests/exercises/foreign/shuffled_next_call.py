# expected: fails
# Every second call has the same number of survivors as the one before (its coins, shuffled).

class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError(f"p must satisfy 0 <= p < 1, got {p}")
        self.p = p
        self.rng = np.random.default_rng(rng)
        self.training = True
        self.u = None

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
        if self.u is not None and self.u.size == x.size:
            u, self.u = self.rng.permutation(self.u), None
        else:
            u = self.u = self.rng.random(x.size)
        mask = (u < q).reshape(x.shape)
        y = (x * mask * s).astype(x.dtype)
        return y

    def __call__(self, x):
        return self.forward(x)
