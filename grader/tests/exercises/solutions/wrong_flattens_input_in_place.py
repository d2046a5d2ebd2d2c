# expected: x changed in place
# Gives the input itself another shape.


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
        shape = x.shape
        if x.flags.c_contiguous:
            x.shape = (x.size,)
        if not self.training:
            return x.reshape(shape)
        q = 1.0 - self.p
        mask = self.rng.random(x.shape) < q
        y = (x * mask * (1.0 / np.sqrt(q))).astype(x.dtype)
        y = y.reshape(shape)
        return y

    def __call__(self, x):
        return self.forward(x)
