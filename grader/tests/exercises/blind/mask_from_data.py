# expected: fails
# Breaks R6 (of the values of x, of every other call): the generator is seeded by a hash of x, so the same x gets the same mask again.
import zlib

class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0.0 <= p < 1.0:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.rng = np.random.default_rng(rng)
        self.training = True
        self.scale = float((1.0 - self.p) ** -0.5)
        self.key = int(self.rng.integers(2 ** 62))

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        h = zlib.crc32(np.ascontiguousarray(x).tobytes())
        u = np.random.default_rng([self.key, h]).random(x.shape)
        return np.where(u >= self.p, x * self.scale, 0).astype(x.dtype)

    def __call__(self, x):
        return self.forward(x)
