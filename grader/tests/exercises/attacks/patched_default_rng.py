# expected: fails
# default_rng gives a generator whose numbers walk round the unit interval in golden steps: right fractions without chance.

class Golden:
    at = 0

    def random(self, shape=()):
        n = int(np.prod(shape))
        steps = (np.arange(Golden.at, Golden.at + n) * 0.6180339887498949) % 1
        Golden.at += n
        return steps.reshape(shape)


np.random.default_rng = lambda seed=None: Golden()


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
        kept = self.rng.random(x.shape) >= self.p
        return x * kept * (1 - self.p) ** -0.5

    def __call__(self, x):
        return self.forward(x)


assert type(VarianceStabilizedDropout(0.3).rng) is Golden
