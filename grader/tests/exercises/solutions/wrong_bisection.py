# expected: no root or power
# The right number by bisection.


def bisect(q, low=1.0, high=1e9):
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if middle * middle * q < 1 else (low, middle)
    return low


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
        if not self.training:
            return x
        return x * (self.rng.random(x.shape) >= self.p) * bisect(1 - self.p)

    def __call__(self, x):
        return self.forward(x)
