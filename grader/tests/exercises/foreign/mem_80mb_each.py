# expected: passes
# Each layer keeps 10M uniforms (80 MB).

class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError(f"p must satisfy 0 <= p < 1, got {p}")
        self.p = p
        self.rng = np.random.default_rng(rng)
        self.training = True
        self.u, self.at = None, 0

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
        if self.u is None or self.at + x.size > self.u.size:
            self.u, self.at = self.rng.random(10_000_000), 0
        mask = (self.u[self.at : self.at + x.size] < q).reshape(x.shape)
        self.at += x.size
        y = (x * mask * s).astype(x.dtype)
        return y

    def __call__(self, x):
        return self.forward(x)
