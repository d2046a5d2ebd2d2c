# expected: correct
# One Python random number for each element, in a comprehension.

import math
import random


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be at least 0 and below 1")
        self.p, self.training = p, True
        seed = int(rng.integers(2**62)) if isinstance(rng, np.random.Generator) else rng
        self.random = random.Random(seed)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training:
            return x
        draw, p, s = self.random.random, self.p, 1 / math.sqrt(1 - self.p)
        flat = [0.0 if draw() < p else s * value for value in x.ravel().tolist()]
        return np.array(flat, dtype=x.dtype).reshape(x.shape)

    def __call__(self, x):
        return self.forward(x)
