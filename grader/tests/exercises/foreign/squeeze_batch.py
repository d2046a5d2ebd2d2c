# expected: fails
# R3: 1-D inputs are lifted to a batch and squeezed back, but any array whose first axis has length 1 (a batch of one) is squeezed as well.
import numpy as np


class VarianceStabilizedDropout:
    """Works internally on a batch (N, ...)."""

    def __init__(self, p=0.5, rng=None):
        if not (p >= 0 and p < 1):
            raise ValueError("p")
        self.p = float(p)
        self.rng = np.random.default_rng(rng)
        self.training = True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        batch = np.atleast_2d(x)
        keep = self.rng.random(batch.shape) >= self.p
        s = float((1 - self.p) ** -0.5)
        out = np.zeros(batch.shape, batch.dtype)
        out[keep] = batch[keep] * s
        if out.shape[0] == 1:
            out = out[0]
        return out

    def __call__(self, x):
        return self.forward(x)
