# expected: fails
# R7: the copy goes through tobytes(order="A"), which is in column order for Fortran arrays; read back in row order the kept values stand at wrong places.
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.rng = np.random.default_rng(rng)
        self.training = True

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0:
            return x
        raw = bytearray(x.tobytes(order="A"))
        y = np.frombuffer(raw, dtype=x.dtype)
        y *= (1 - self.p) ** -0.5
        y[self.rng.random(y.size) < self.p] = 0
        return y.reshape(x.shape)

    def __call__(self, x):
        return self.forward(x)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self
