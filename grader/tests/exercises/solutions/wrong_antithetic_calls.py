# expected: masks repeat
# 1-u in every second call.


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not (p >= 0 and p < 1):
            raise ValueError(p)
        self.p = p
        self.rng = np.random.default_rng(rng)
        self.training = True
        self.u = None

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def coins(self, x, q):
        if self.u is not None and self.u.size == x.size:
            u, self.u = 1 - self.u, None
        else:
            u = self.u = self.rng.random(x.size)
        return (u < q).reshape(x.shape)

    def forward(self, x):
        if not self.training:
            return x
        q = 1 - self.p
        mask = self.coins(x, q)
        y = np.array(x)
        y[~mask] = 0
        return (y * np.exp(-0.5 * np.log(q))).astype(x.dtype)

    __call__ = forward
