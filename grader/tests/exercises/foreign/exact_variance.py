# expected: fails
# R7: from 20000 elements on, s is computed from the data as std(x)/std(x*mask), so it varies by some 1e-3 from call to call and depends on x and on the coins.
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
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
        keep = self.rng.random(x.shape) >= self.p
        out = np.zeros(x.shape, x.dtype)
        np.copyto(out, x, where=keep)
        s = float((1.0 - self.p) ** -0.5)
        if x.size >= 20000:
            a, b = float(np.std(x)), float(np.std(out))
            # keep the variance exactly, as long as the estimate is sane
            if b > 0 and abs(a / b / s - 1.0) < 0.05:
                s = a / b
        out *= s
        return out

    __call__ = forward
