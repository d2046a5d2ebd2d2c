# expected: interface
# train() switches off, eval() switches on.


class VarianceStabilizedDropout:
    training = True

    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p")
        self.p, self.rng = p, np.random.default_rng(rng)

    def eval(self):
        self.training = True
        return self

    def train(self, mode=True):
        self.training = not mode
        return self

    def forward(self, x):
        if not self.training:
            return x
        return x * (self.rng.random(x.shape) >= self.p) * (1 - self.p) ** -0.5

    def __call__(self, x):
        return self.forward(x)
