# expected: passes
# The Mersenne twister of the standard library, 64 random bits per unit, 53 of them used.
import math
import random

class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.training = True
        if isinstance(rng, np.random.Generator):
            rng = int(rng.integers(2 ** 63))
        self.random = random.Random() if rng is None else random.Random(int(rng))
        self.s = math.pow(1 - self.p, -0.5)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        raw = np.frombuffer(self.random.randbytes(8 * x.size), dtype=np.uint64)
        u = (raw >> np.uint64(11)) * 2.0 ** -53
        return x * (u >= self.p).reshape(x.shape) * self.s

    def __call__(self, x):
        return self.forward(x)
