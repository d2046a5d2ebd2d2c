# expected: correct
# A function builds the class, for a choice of uniform generator.


def build(uniform):
    class VarianceStabilizedDropout:
        def __init__(self, p=0.5, rng=None):
            if not 0 <= p < 1:
                raise ValueError("p")
            self.p, self.rng, self.training = p, np.random.default_rng(rng), True

        def train(self, mode=True):
            self.training = mode
            return self

        def eval(self):
            return self.train(False)

        def forward(self, x):
            if not self.training:
                return x
            return (
                x
                * np.heaviside(uniform(self.rng, x.shape) - self.p, 1).astype(x.dtype)
                * (1 - self.p) ** -0.5
            )

        def __call__(self, x):
            return self.forward(x)

    return VarianceStabilizedDropout


VarianceStabilizedDropout = build(np.random.Generator.random)
