# expected: passes
# Random bytes from the standard library's random.Random (Mersenne twister), seeded with 256 bits, read as 53-bit integers.
import math
import random
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        seed = np.random.default_rng(rng).bytes(32)
        self._random = random.Random(int.from_bytes(seed, "big"))
        self.training = True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def _words(self, n):
        step = 1 << 20
        blob = b"".join(self._random.randbytes(8 * min(step, n - a)) for a in range(0, n, step))
        return np.frombuffer(blob, dtype=np.uint64) >> np.uint64(11)

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        keep = self._words(x.size) >= np.uint64(math.ceil(self.p * 2.0 ** 53))
        y = np.zeros(x.shape, x.dtype)
        np.multiply(x, 1.0 / math.sqrt(1.0 - self.p), out=y, where=keep.reshape(x.shape))
        return y

    __call__ = forward
