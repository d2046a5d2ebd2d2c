# expected: correct
# Prints what it does in every call, and flushes.

import sys


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        print("making a layer with p =", p)
        if not 0 <= p < 1:
            raise ValueError("no")
        self.p, self.rng, self.training = p, np.random.default_rng(rng), True

    def train(self, mode=True):
        print("train", mode, file=sys.stderr)
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        print("forward:", x.shape, x.dtype, "training" if self.training else "evaluation", flush=True)
        if not self.training:
            return x
        mask = self.rng.random(x.shape) < 1 - self.p
        print("kept", int(mask.sum()), "of", mask.size)
        return x * mask * float(1 / np.sqrt(1 - self.p))

    def __call__(self, x):
        return self.forward(x)


print("class defined:", VarianceStabilizedDropout)
