# expected: passes
# Coins from the operating system; a seed is accepted and ignored (whether it repeats the masks is not judged).
import os

class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.training = True
        self.s = (1 / (1 - self.p)) ** 0.5

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        raw = np.frombuffer(os.urandom(8 * x.size), dtype=np.uint64).reshape(x.shape)
        keep = raw >> np.uint64(11) >= self.p * 2.0 ** 53
        return np.where(keep, x, np.zeros((), x.dtype)) * self.s

    def __call__(self, x):
        return self.forward(x)
