# expected: fails
# R6 'every other layer': each call draws from default_rng(seed + call number), so call k of the layer with seed n has the coins of call k-1 of the layer with seed n+1 (int seeds near to each other).
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not 0.0 <= p < 1.0:
            raise ValueError(f"p must lie in [0, 1), got {p}")
        self.p = p
        self.training = True
        if isinstance(rng, np.random.Generator):
            self.seed = int(rng.integers(2**62))
        elif rng is None:
            self.seed = int(np.random.default_rng().integers(2**62))
        else:
            self.seed = int(rng)
        self.calls = 0
        self.scale = float(1.0 / np.sqrt(1.0 - p))

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0.0 or x.size == 0:
            return x.copy()
        drop = self._coins(x)
        return np.where(drop, x.dtype.type(0), x * x.dtype.type(self.scale))

    def _coins(self, x):
        gen = np.random.default_rng(self.seed + self.calls)
        self.calls += 1
        return gen.random(x.shape) < self.p

    def __call__(self, x):
        return self.forward(x)
