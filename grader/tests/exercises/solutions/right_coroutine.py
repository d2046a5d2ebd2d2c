# expected: correct
# A generator function yields masks for the shapes that are sent to it.

import math


def masks(q, rng):
    shape = yield
    while True:
        shape = yield rng.random(shape) < q


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p")
        self.masks = masks(1 - p, np.random.default_rng(rng))
        next(self.masks)
        self.s = math.hypot(1, math.sqrt(p / (1 - p)))
        self.training = True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        return x * self.masks.send(x.shape) * self.s if self.training else x

    def __call__(self, x):
        return self.forward(x)
