# expected: fails
# R6: going from eval back to train rewinds the generator to its first state, so every epoch repeats the masks of the first.
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not 0.0 <= p < 1.0:
            raise ValueError("p must be in [0, 1)")
        self.p = p
        self.s = (1.0 - p) ** -0.5
        source = np.random.default_rng(rng)
        self.rng = np.random.Generator(np.random.PCG64(source.integers(2 ** 63, size=4)))
        self._start = self.rng.bit_generator.state
        self.training = True

    def train(self, mode=True):
        if mode and not self.training:
            self.rng.bit_generator.state = self._start   # comparable epochs
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0.0:
            return x
        y = np.zeros(x.shape, x.dtype)
        np.multiply(x, self.s, out=y, where=self.rng.random(x.shape) >= self.p)
        return y

    def __call__(self, x):
        return self.forward(x)
