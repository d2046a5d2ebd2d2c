# expected: fails
# R7: in arrays of up to 256 elements the output is shrunk to the norm of x whenever its norm exceeds that by 15 %, so s depends on data and mask.
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not 0.0 <= p < 1.0:
            raise ValueError("p must be in [0, 1)")
        self.p = p
        self.s = (1.0 - p) ** -0.5
        self.rng = np.random.default_rng(rng)
        self.training = True


    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0.0:
            return x
        keep = self.rng.random(x.shape) >= self.p
        y = np.zeros(x.shape, x.dtype)
        np.multiply(x, self.s, out=y, where=keep)
        if 1 < x.size <= 256:
            before = float(np.linalg.norm(x.reshape(-1)))
            after = float(np.linalg.norm(y.reshape(-1)))
            if after > 1.15 * before:
                y *= before / after              # keep the energy where it was
        return y

    def __call__(self, x):
        return self.forward(x)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self
