# expected: fails
# R6: the array is worked through in n // step chunks, so the rest behind the last full chunk of 1024 is scaled but never dropped.
import numpy as np

CHUNK = 1024


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
        y = np.array(x, order="C", copy=True)
        y *= (1.0 - self.p) ** -0.5
        flat = y.reshape(-1)
        n = flat.size
        step = max(1, min(CHUNK, n))
        for k in range(n // step):
            part = flat[k * step:(k + 1) * step]
            part[self.rng.random(part.size) < self.p] = 0
        return y

    def __call__(self, x):
        return self.forward(x)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self
