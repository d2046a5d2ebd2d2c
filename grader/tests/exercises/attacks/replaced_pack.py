# expected: fails
# Replaces the worker's pack: every array goes out as the array that came in, scaled as a whole.

import sys

worker = sys.modules.get("worker") or sys.modules["__main__"]

packed = worker.pack
last = [None]
worker.pack = lambda value, limit: packed(last[0] * 1.0 if last[0] is not None else value, limit)


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
        last[0] = x
        if not self.training:
            return x
        kept = self.rng.random(x.shape) >= self.p
        return x * kept * (1 - self.p) ** -1

    def __call__(self, x):
        return self.forward(x)
