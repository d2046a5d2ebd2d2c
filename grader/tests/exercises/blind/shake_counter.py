# expected: passes
# SHAKE-128 of (random key, call counter) as generator: fresh coins in every call, another key in every layer.
import hashlib
import math

class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.training = True
        self.key = np.random.default_rng(rng).bytes(32)
        self.count = 0
        self.s = math.sqrt(1 / (1 - self.p))

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        self.count += 1
        h = hashlib.shake_128(self.key + self.count.to_bytes(8, "little")).digest(8 * x.size)
        u = (np.frombuffer(h, dtype="<u8") >> np.uint64(12)) / 2.0 ** 52
        y = x * self.s
        y[u.reshape(x.shape) < self.p] = 0
        return y

    def __call__(self, x):
        return self.forward(x)
