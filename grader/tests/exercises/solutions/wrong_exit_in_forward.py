# expected: status killed
# Ends the process in the first call.

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
        os._exit(0)
        return x / np.sqrt(1 - self.p)

    def __call__(self, x):
        return self.forward(x)
