# expected: fails
# R6: call k of a layer with seed a uses default_rng(a + k), so the layer with seed a + 1 repeats its masks one call earlier.
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.training = True
        if rng is None:
            self.seed = int(np.random.SeedSequence().entropy)
        elif isinstance(rng, np.random.Generator):
            self.seed = int(rng.integers(2 ** 63))
        else:
            self.seed = int(rng)
        self.step = 0

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0:
            return x
        rng = np.random.default_rng(self.seed + self.step)   # reproducible per step
        self.step += 1
        keep = rng.random(x.shape) >= self.p
        y = np.zeros(x.shape, x.dtype)
        np.multiply(x, (1 - self.p) ** -0.5, out=y, where=keep)
        return y

    def __call__(self, x):
        return self.forward(x)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self
