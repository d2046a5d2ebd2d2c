# expected: correct
# A unit survives if its exponential clock has not rung by time -log(q).

import math


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p")
        self.deadline = -math.log(1 - p)
        self.p, self.rng, self.training = p, np.random.default_rng(rng), True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training:
            return x
        alive = self.rng.standard_exponential(x.shape) >= self.deadline
        return x * alive * math.exp(self.deadline / 2)

    def __call__(self, x):
        return self.forward(x)
