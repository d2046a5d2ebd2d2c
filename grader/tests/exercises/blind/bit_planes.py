# expected: passes
# Bernoulli(p) by the binary digits of p on packed random bits (AND for digit 0, OR for digit 1), 64 digits.
class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.training = True
        self.rng = np.random.default_rng(rng)
        self.digits = int(self.p * 2.0 ** 64)
        self.s = float(np.sqrt(1 / (1 - self.p)))

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        nbytes = (x.size + 7) // 8
        planes = np.frombuffer(self.rng.bytes(64 * nbytes), dtype=np.uint8).reshape(64, nbytes)
        drop = np.zeros(nbytes, dtype=np.uint8)
        for k in range(64):
            drop = drop | planes[k] if self.digits >> k & 1 else drop & planes[k]
        drop = np.unpackbits(drop)[:x.size].reshape(x.shape).astype(bool)
        return np.where(drop, x.dtype.type(0), x * self.s)

    def __call__(self, x):
        return self.forward(x)
