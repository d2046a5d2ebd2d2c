# expected: passes
# right: a lock around the generator, and rows shuffled by a fresh permutation (same law)
import numpy as np
import threading


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not (0.0 <= p < 1.0):
            raise ValueError("p outside [0, 1)")
        self.p = p
        self.training = True
        self.rng = np.random.default_rng(rng)
        self.lock = threading.Lock()

    def train(self, mode=True):
        self.training = bool(mode)
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0:
            return x
        q = 1.0 - self.p
        with self.lock:
            keep = self.rng.permuted((self.rng.random(x.shape) < q).ravel()).reshape(x.shape)
        return np.where(keep, x * q**-0.5, 0).astype(x.dtype)

    __call__ = forward
