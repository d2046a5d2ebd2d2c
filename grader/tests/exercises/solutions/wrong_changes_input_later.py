# expected: x changed in place
# Keeps the input as a work space, and writes to it at the next call.


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must satisfy 0 <= p < 1")
        self.p = p
        self.rng = np.random.default_rng(rng)
        self.training = True
        self.spare = None

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
        if self.spare is not None and self.spare.shape == x.shape and self.spare.dtype == x.dtype and self.spare is not x:
            self.spare[...] = y
            y = y.copy()
        self.spare = x
        return y

    def __call__(self, x):
        return self.forward(x)
