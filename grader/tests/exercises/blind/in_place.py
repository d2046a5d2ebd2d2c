# expected: fails
# Breaks R3 (x itself is never changed): writes the result into x and returns it.
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
        drop = self.rng.random(x.shape) < self.p
        x[drop] = 0
        x *= (1.0 - self.p) ** -0.5
        return x

    __call__ = forward
