# expected: fails
# Breaks R6 on x that is not C-contiguous (R3): np.copy keeps the order, ravel() is then a copy, so x.T loses nothing.
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
        y = np.copy(x)
        y *= (1 - self.p) ** -0.5
        y.ravel()[self.rng.random(x.size) < self.p] = 0
        return y

    __call__ = forward
