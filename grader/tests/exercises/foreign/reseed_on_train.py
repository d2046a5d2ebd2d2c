# expected: fails
# R6: train() rebuilds the generator from the stored seed, so the masks after every train() repeat those after the previous one.
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        if rng is None:
            rng = np.random.SeedSequence().entropy
        elif isinstance(rng, np.random.Generator):
            rng = int(rng.integers(2 ** 63))
        self.seed = rng
        self.rng = np.random.default_rng(self.seed)
        self.training = True

    def train(self, mode=True):
        self.training = mode
        if mode:
            self.rng = np.random.default_rng(self.seed)   # reproducible epochs
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        out = np.zeros(x.shape, x.dtype)
        np.multiply(x, float(1 / np.sqrt(1 - self.p)), out=out,
                    where=self.rng.random(x.shape) >= self.p)
        return out

    def __call__(self, x):
        return self.forward(x)
