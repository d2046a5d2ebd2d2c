# expected: status killed
# Sends READY and RAN once more in every call, besides the worker's own.

import os
import struct

frame = struct.pack


def everywhere(raw):
    for descriptor in range(1, 12):
        try:
            os.write(descriptor, raw)
        except OSError:
            pass


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
        everywhere(frame("<BQ", 0, 0) + frame("<BQ", 1, 0))
        if not self.training:
            return x
        kept = self.rng.random(x.shape) >= self.p
        return x * kept * (1 - self.p) ** -1

    def __call__(self, x):
        return self.forward(x)
