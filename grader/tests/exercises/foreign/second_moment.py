# expected: fails
# R7: the kept value is computed as sign(x) sqrt(x^2/(1-p)); x^2 leaves the float range, so kept float32 values below 1e-23 become 0 and above 2e19 become inf.
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not 0.0 <= p < 1.0:
            raise ValueError("p must be in [0, 1)")
        self.p = p
        self.rng = np.random.default_rng(rng)
        self.training = True

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0.0:
            return x
        # Var[y] = (1-p) E[y^2 | kept]  ->  blow the second moment up by 1/(1-p)
        with np.errstate(over="ignore", under="ignore"):
            energy = np.square(x) / (1.0 - self.p)
            kept = np.copysign(np.sqrt(energy), x)
        drop = self.rng.random(x.shape) < self.p
        kept[drop] = 0.0
        return kept.astype(x.dtype, copy=False)

    def __call__(self, x):
        return self.forward(x)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self
