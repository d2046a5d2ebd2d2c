# expected: masks repeat
# Remembers its mask for an input that is the same object as the last one.


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must satisfy 0 <= p < 1")
        self.p = p
        self.rng = np.random.default_rng(rng)
        self.training = True
        self.last_x = self.last_y = None

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if self.training and x is self.last_x:
            return self.last_y
        if not self.training:
            return x
        q = 1.0 - self.p
        mask = self.rng.random(x.shape) < q
        y = (x * mask * (1.0 / np.sqrt(q))).astype(x.dtype)
        self.last_x, self.last_y = x, y
        return y

    def __call__(self, x):
        return self.forward(x)
