# expected: inverted dropout
# Answers the worker's request for a plain view with an object that claims more numbers than it brings.

class Forged:
    dtype, nbytes = np.dtype("<f8"), 8

    def __init__(self, shape):
        self.shape, self.ndim = shape, len(shape)

    def __array__(self, dtype=None, copy=None):
        return np.zeros(3)


class Liar(np.ndarray):
    def view(self, kind):
        return Forged(self.shape)


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
        kept = self.rng.random(x.shape) >= self.p
        return np.ndarray.view(x * kept * (1 - self.p) ** -1, Liar)

    def __call__(self, x):
        return self.forward(x)


assert type(VarianceStabilizedDropout(0.3)(np.ones(4)).view(np.ndarray)) is Forged
