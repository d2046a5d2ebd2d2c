# expected: correct
# All layers without an rng share one generator, made where the default is written down.


class VarianceStabilizedDropout:
    shared = np.random.default_rng()

    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p")
        self.rng = self.shared if rng is None else np.random.default_rng(rng)
        self.p, self.training = p, True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training:
            return x
        dropped = self.rng.random(x.shape) < self.p
        y = x / np.linalg.norm([(1 - self.p) ** 0.5])
        y[dropped] = 0.0
        return y.astype(x.dtype)

    def __call__(self, x):
        return self.forward(x)
