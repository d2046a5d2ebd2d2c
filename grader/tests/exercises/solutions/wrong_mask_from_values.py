# expected: fraction off
# Takes each kept zero for a dropped one, and draws again.


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must satisfy 0 <= p < 1")
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
        mask = self.rng.random(x.shape) < q
        y = (x * mask * (1.0 / np.sqrt(q))).astype(x.dtype)
        z = x == 0
        if z.any():
            keep = min(1.0, q / (1.0 - z.mean()) if not z.all() else 1.0)
            mask = (self.rng.random(x.shape) < keep) & ~z
            y = (x * mask / np.sqrt(q)).astype(x.dtype)
        return y

    def __call__(self, x):
        return self.forward(x)
