# expected: fails
# The drop probability is a parabola over the positions, +-0.07.

class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError(f"p must satisfy 0 <= p < 1, got {p}")
        self.p = p
        self.rng = np.random.default_rng(rng)
        self.training = True

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
        t = np.linspace(-1, 1, x.size).reshape(x.shape)
        mask = self.rng.random(x.shape) < q + 0.07 * (3 * t * t - 1) / 2 * (0.1 < self.p < 0.9)
        y = (x * mask * s).astype(x.dtype)
        return y

    def __call__(self, x):
        return self.forward(x)
