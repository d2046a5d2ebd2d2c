# expected: correct
# The drawing and the scaling are functools.partial objects made in __init__.

import operator
from functools import partial, reduce


def scaled(s, *factors):
    return reduce(operator.mul, factors) * s


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not operator.and_(p >= 0, p < 1):
            raise ValueError("0 <= p < 1")
        self.p = p
        self.training = True
        self.coins = partial(np.random.default_rng(rng).random)
        self.scaled = partial(scaled, operator.pow(1 - p, -1 / 2))

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        return self.scaled(x, self.coins(x.shape) < 1 - self.p) if self.training else x

    def __call__(self, x):
        return self.forward(x)
