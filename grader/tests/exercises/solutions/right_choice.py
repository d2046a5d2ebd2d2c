# expected: correct
# rng.choice among 0 and s, the scale already in the choices.


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p is a probability below one")
        self.p, self.training, self.rng = p, True, np.random.default_rng(rng)
        self.factors = np.array([0.0, np.reciprocal(np.sqrt(1 - p))])

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training:
            return x
        factor = self.rng.choice(self.factors, p=[self.p, 1 - self.p], size=x.shape)
        return (x * factor).astype(x.dtype, copy=False)

    def __call__(self, *args, **kwargs):
        return self.forward(*args, **kwargs)
