# expected: correct
# Takes a SeedSequence, a bit generator or a list as well; singledispatch chooses.

from functools import singledispatch


@singledispatch
def generator(source):
    return np.random.default_rng(source)


@generator.register
def _(source: np.random.Generator):
    return source


@generator.register
def _(source: np.random.SeedSequence):
    return np.random.Generator(np.random.SFC64(source))


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p")
        self.p, self.rng, self.training = p, generator(rng), True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        return x * (self.rng.random(x.shape) < 1 - self.p) / (1 - self.p) ** 0.5 if self.training else x

    def __call__(self, x):
        return self.forward(x)
