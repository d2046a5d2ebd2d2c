# expected: passes
# The gaps between dropped units of a Bernoulli process are geometric; drawn by inversion until the array is passed.
class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.training = True
        self.rng = np.random.default_rng(rng)
        self.s = float(1 / np.sqrt(1 - self.p))

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        y = np.array(x * self.s, order="C", copy=True)
        flat = y.reshape(-1)
        n, pos = flat.size, -1
        log_q = np.log1p(-self.p)
        while pos < n:
            gaps = np.floor(np.log1p(-self.rng.random(int(n * self.p) + 8)) / log_q) + 1
            at = pos + np.cumsum(np.minimum(gaps, n + 1).astype(np.int64))
            flat[at[at < n]] = 0
            pos = int(at[-1])
        return y

    def __call__(self, x):
        return self.forward(x)
