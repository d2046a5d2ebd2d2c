# expected: fails
# Breaks R6 (independently of every other element): always drops exactly round(p*n) elements, chosen by a permutation.
class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0.0 <= p < 1.0:
            raise ValueError("p must be in [0, 1)")
        self.p = p
        self.rng = np.random.default_rng(rng)
        self.training = True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        n_drop = int(round(self.p * x.size))
        mask = np.ones(x.size, dtype=x.dtype)
        mask[:n_drop] = 0
        mask = self.rng.permutation(mask).reshape(x.shape)
        return x * mask * float(1 / np.sqrt(1 - self.p))

    __call__ = forward
