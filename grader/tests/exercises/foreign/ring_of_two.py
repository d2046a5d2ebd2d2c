# expected: fails
# Two output buffers by turns: a third call overwrites what the first gave back, even while it is in use.

class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError(f"p must satisfy 0 <= p < 1, got {p}")
        self.p = p
        self.rng = np.random.default_rng(rng)
        self.training = True
        self.buffers, self.k = {}, 0

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
        self.k += 1
        y = self.buffers.setdefault((self.k % 2, x.shape, x.dtype.str), np.empty(x.shape, x.dtype))
        y[...] = x * mask * s
        return y

    def __call__(self, x):
        return self.forward(x)
