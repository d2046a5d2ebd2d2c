# expected: passes
# Vectorised SplitMix64 on a 64-bit counter with a random start for each layer; the counter never goes back.
class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.training = True
        self.state = int(np.random.default_rng(rng).integers(0, 2 ** 64, dtype=np.uint64))
        self.s = float(np.float_power(1 - self.p, -0.5))

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        gold = 0x9E3779B97F4A7C15
        z = np.arange(1, x.size + 1, dtype=np.uint64) * np.uint64(gold) + np.uint64(self.state)
        self.state = (self.state + gold * x.size) % 2 ** 64
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
        u = (z >> np.uint64(11)) * 2.0 ** -53
        return x * (u >= self.p).reshape(x.shape) * self.s

    def __call__(self, x):
        return self.forward(x)
