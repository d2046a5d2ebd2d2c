# expected: correct
# Newton's iteration for the inverse root; 0.5 is the only trace of a root.


def inverse_root(a):
    y = 1.0
    for _ in range(60):
        y += 0.5 * y * (1.0 - a * y * y)
    return y


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p")
        self.p, self.rng, self.training = p, np.random.default_rng(rng), True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        return x * (self.rng.random(x.shape) >= self.p) * inverse_root(1 - self.p) if self.training else x

    def __call__(self, x):
        return self.forward(x)
