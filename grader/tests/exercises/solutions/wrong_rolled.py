# expected: masks repeat
# One mask for each size, rolled by one in every call.


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if np.isnan(p) or p < 0 or p >= 1:
            raise ValueError(f"no probability of dropping: {p}")
        self.p = p
        self.rng = np.random.default_rng(rng)
        self.training = True
        self.masks, self.calls = {}, 0

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def coins(self, x, q):
        self.calls += 1
        if x.size not in self.masks:
            self.masks[x.size] = self.rng.random(x.size) < q
        return np.roll(self.masks[x.size], self.calls).reshape(x.shape)

    def forward(self, x):
        if not self.training:
            return x
        q = 1 - self.p
        mask = self.coins(x, q)
        y = np.array(x)
        y[~mask] = 0
        return (y * np.exp(-0.5 * np.log(q))).astype(x.dtype)

    __call__ = forward
