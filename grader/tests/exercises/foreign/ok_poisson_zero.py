# expected: passes
# Every element is hit by a Poisson number of particles with mean -log(1-p) and survives only with zero hits: P(keep) = 1-p.
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not 0.0 <= p < 1.0:
            raise ValueError("p must be in [0, 1)")
        self.p = p
        self.dose = -np.log1p(-p).item()
        self.rng = np.random.default_rng(rng)
        self.training = True

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0.0:
            return x
        hits = self.rng.poisson(self.dose, size=x.shape)
        y = np.zeros(x.shape, x.dtype)
        np.multiply(x, np.exp(self.dose / 2.0).item(), out=y, where=hits == 0)
        return y

    def __call__(self, x):
        return self.forward(x)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self
