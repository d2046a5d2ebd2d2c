# expected: passes
# The output lives in a bytearray seen through np.ndarray(buffer=...), is filled block by block by np.nditer-free slices and has its own memory per call; uses Philox bits through a memoryview.
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p")
        self.p = float(p)
        self.training = True
        self.rng = rng if isinstance(rng, np.random.Generator) else np.random.Generator(np.random.Philox(rng))

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        store = bytearray(max(1, x.size * x.dtype.itemsize))
        y = np.ndarray(x.shape, x.dtype, buffer=store)
        flat = y.reshape(-1)
        src = x.reshape(-1)
        s = x.dtype.type(np.sqrt(1 / (1 - self.p)))
        limit = int(self.p * 2.0**56)
        for start in range(0, x.size, 777):
            part = src[start:start + 777]
            coins = memoryview(self.rng.bytes(8 * part.size)).cast("Q")
            keep = (np.asarray(coins) >> np.uint64(8)) >= np.uint64(limit)
            # the store is zero already: only the kept ones are written
            flat[start:start + part.size][keep] = part[keep] * s
        return y

    def __call__(self, x):
        return self.forward(x)
