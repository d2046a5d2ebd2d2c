# expected: correct
# Coins from the operating system's entropy, 64 bits for each.

import os


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p")
        self.p, self.training = p, True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training:
            return x
        bits = np.frombuffer(os.urandom(8 * x.size), np.uint64).reshape(x.shape)
        kept = bits >> np.uint64(11) >= self.p * 2**53
        return x * kept * (1 - self.p) ** -0.5

    def __call__(self, x):
        return self.forward(x)
