# expected: correct
# Uniform numbers from a buffer that is refilled when it runs out, never used twice.


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p")
        self.p, self.rng, self.training = p, np.random.default_rng(rng), True
        self.stock = np.empty(0)

    def take(self, n):
        if self.stock.size < n:
            self.stock = np.concatenate([self.stock, self.rng.random(n + 4096)])
        taken, self.stock = self.stock[:n], self.stock[n:]
        return taken

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training:
            return x
        return x * (self.take(x.size).reshape(x.shape) < 1 - self.p) * (1 - self.p) ** -0.5

    def __call__(self, x):
        return self.forward(x)
