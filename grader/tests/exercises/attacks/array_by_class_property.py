# expected: wrong type
# Right numbers in an object that is no ndarray and only pretends to be one by its __class__.

class Pretender:
    def __init__(self, array):
        self.held = array

    __class__ = property(lambda self: np.ndarray)

    def __getattr__(self, name):
        return getattr(self.held, name)


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
            return Pretender(x)
        kept = self.rng.random(x.shape) >= self.p
        return Pretender(x * kept * (1 - self.p) ** -0.5)

    def __call__(self, x):
        return self.forward(x)
