# expected: unseen
# Every thread but the first has the same masks: a thread-local generator with a fixed seed.

import threading
LOCAL = threading.local()
MAIN = threading.current_thread()

class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError(f"p must satisfy 0 <= p < 1, got {p}")
        self.p = p
        self.rng = np.random.default_rng(rng)
        self.training = True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training:
            return x
        q = 1.0 - self.p
        s = q ** -0.5
        rng = self.rng if threading.current_thread() is MAIN else LOCAL.__dict__.setdefault('rng', np.random.default_rng(0))
        mask = rng.random(x.shape) < q
        y = (x * mask * s).astype(x.dtype)
        return y

    def __call__(self, x):
        return self.forward(x)
