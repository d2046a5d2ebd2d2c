# expected: mask has a pattern
# A linear congruential generator modulo 65,536.


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not (p >= 0 and p < 1):
            raise ValueError(p)
        self.p = p
        self.rng = np.random.default_rng(rng)
        self.training = True
        self.state = int(self.rng.integers(65536))

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def coins(self, x, q):
        u = np.empty(x.size)
        for k in range(x.size):
            self.state = (self.state * 25173 + 13849) % 65536
            u[k] = self.state / 65536
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
