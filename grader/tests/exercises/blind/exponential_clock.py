# expected: passes
# A unit is dropped if its exponential clock rings before -log(1-p): probability p; s = exp of half of that.
class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.training = True
        self.rng = np.random.default_rng(rng)
        self.t = float(-np.log1p(-self.p))
        self.s = float(np.exp(self.t / 2))

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        keep = self.rng.standard_exponential(x.shape) >= self.t
        return (x * self.s * keep).astype(x.dtype, copy=False)

    def __call__(self, x):
        return self.forward(x)
