# expected: status raised
# Asks the user for the seed.

seed = int(input("seed? "))


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        self.p, self.training, self.rng = p, True, np.random.default_rng(seed)

    def forward(self, x):
        return x * (self.rng.random(x.shape) < 1 - self.p) / np.sqrt(1 - self.p)
