# expected: passes
# Python's own Mersenne Twister: random.Random(...).randbytes read as 64-bit words; an int seed or a Generator only seeds it.
import random
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not 0.0 <= p < 1.0:
            raise ValueError("p must be in [0, 1)")
        self.p = p
        self.training = True
        if isinstance(rng, np.random.Generator):
            seed = int.from_bytes(rng.bytes(64), "little")
        elif rng is None:
            seed = random.SystemRandom().getrandbits(512)
        else:
            seed = "seed %d" % rng               # a string: Random(-3) would equal Random(3)
        self._random = random.Random(seed)
        self._bar = int(p * 2 ** 53)             # dropped when word >> 11 is below

    def _words(self, n, step=1 << 20):
        parts = (self._random.randbytes(8 * min(step, n - k)) for k in range(0, n, step))
        return np.frombuffer(b"".join(parts), dtype=np.uint64) >> np.uint64(11)

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0.0:
            return x
        keep = (self._words(x.size) >= np.uint64(self._bar)).reshape(x.shape)
        factor = np.zeros(x.shape, x.dtype)
        factor[keep] = (1.0 - self.p) ** -0.5
        with np.errstate(invalid="ignore"):          # inf * 0
            return (x * factor).astype(x.dtype, copy=False)

    def __call__(self, x):
        return self.forward(x)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self
