# expected: scale measured from the data | scale from the observed fraction
# The fraction observed in all calls so far.


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if np.isnan(p) or p < 0 or p >= 1:
            raise ValueError(f"no probability of dropping: {p}")
        self.p = p
        self.rng = np.random.default_rng(rng)
        self.training = True
        self.seen, self.kept = 0, 0

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def gain(self, x, mask, q):
        self.seen += mask.size
        self.kept += mask.sum()
        return np.sqrt(self.seen / self.kept) if self.kept else 1.0

    def forward(self, x):
        if not self.training:
            return x
        q = 1 - self.p
        mask = self.rng.uniform(size=x.shape) >= self.p
        y = np.array(x)
        y[~mask] = 0
        return (y * self.gain(x, mask, q)).astype(x.dtype)

    __call__ = forward
