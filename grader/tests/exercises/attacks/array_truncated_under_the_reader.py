# expected: status killed
# Returns a memory map of a file that has been cut to nothing: whoever reads it dies of SIGBUS.

import os


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
        return self.mapped(x * kept * (1 - self.p) ** -1)

    def __call__(self, x):
        return self.forward(x)


def mapped(self, y):
    there = np.memmap("y.bin", y.dtype, "w+", shape=(2**8,))
    os.truncate("y.bin", 0)
    return there


VarianceStabilizedDropout.mapped = mapped
