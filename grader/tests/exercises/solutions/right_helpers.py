# expected: correct
# Everything interesting sits in functions at module level.


def keep_probability(p):
    if not 0 <= p < 1:
        raise ValueError(f"0 <= p < 1 does not hold for {p}")
    return 1 - p


def stabilizing_factor(p):
    return keep_probability(p) ** (-1 / 2)


def bernoulli(rng, q, shape):
    return rng.random(shape) < q


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        self.q = keep_probability(p)
        self.p = p
        self.rng = np.random.default_rng(rng)
        self.training = True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        return x * bernoulli(self.rng, self.q, x.shape) * stabilizing_factor(self.p) if self.training else x

    def __call__(self, x):
        return self.forward(x)
