# expected: fails
# All layers of all processes read one fixed pool of 65,536 numbers, each from its own place on, cycled.

POOL = np.random.default_rng(0).random(1 << 16)

class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError(f"p must satisfy 0 <= p < 1, got {p}")
        self.p = p
        self.rng = np.random.default_rng(rng)
        self.training = True
        self.at = int(self.rng.integers(1 << 16))

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
        k = (self.at + np.arange(x.size)) % POOL.size
        self.at = (self.at + x.size) % POOL.size
        mask = (POOL[k] < q).reshape(x.shape)
        y = (x * mask * s).astype(x.dtype)
        return y

    def __call__(self, x):
        return self.forward(x)
