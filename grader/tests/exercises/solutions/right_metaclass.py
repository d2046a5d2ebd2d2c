# expected: correct
# A metaclass registers the class and __new__ validates p.

REGISTRY = {}


class Registered(type):
    def __new__(meta, name, bases, body):
        REGISTRY[name] = made = super().__new__(meta, name, bases, body)
        return made


class VarianceStabilizedDropout(metaclass=Registered):
    def __new__(cls, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError(f"{cls.__name__}: {p}")
        self = super().__new__(cls)
        self.p, self.rng, self.training = p, np.random.default_rng(rng), True
        return self

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training:
            return x
        return (self.rng.random(x.shape) < 1 - self.p) * x / np.sqrt(1 - self.p).astype(x.dtype)

    def __call__(self, x):
        return self.forward(x)
