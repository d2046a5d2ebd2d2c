# expected: wrong type
# Returns no array but an object with the array interface of one.

class Borrowed:
    def __init__(self, array):
        self.held = array
        self.__array_interface__ = array.__array_interface__

    def __array__(self, dtype=None, copy=None):
        return self.held


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
        return Borrowed(x * kept * (1 - self.p) ** -0.5)

    def __call__(self, x):
        return self.forward(x)
