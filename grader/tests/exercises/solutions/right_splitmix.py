# expected: correct
# A vectorised SplitMix64 of its own, with a counter that goes on from call to call.


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p")
        self.p, self.training, self.n = p, True, 0
        self.key = int(np.random.default_rng(rng).integers(2**63))

    def uniform(self, shape):
        size = int(np.prod(shape))
        z = np.arange(self.n, self.n + size, dtype=np.uint64) + np.uint64(self.key)
        self.n += size
        z *= np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ z >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ z >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
        return ((z ^ z >> np.uint64(31)) >> np.uint64(11)).reshape(shape) * 2.0**-53

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        return x * (self.uniform(x.shape) >= self.p) / (1 - self.p) ** 0.5 if self.training else x

    def __call__(self, x):
        return self.forward(x)
