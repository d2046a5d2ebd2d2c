# expected: hard 0.11
# u and 1-u, in random places.


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if np.isnan(p) or p < 0 or p >= 1:
            raise ValueError(f"no probability of dropping: {p}")
        self.p = p
        self.rng = np.random.default_rng(rng)
        self.training = True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def coins(self, x, q):
        u = self.rng.random((x.size + 1) // 2)
        u = self.rng.permutation(np.concatenate([u, 1 - u])[: x.size])
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
