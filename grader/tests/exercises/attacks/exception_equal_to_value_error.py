# expected: bad p
# Refuses a bad p with an exception whose class has the hash of ValueError and says that it equals it.

class Same(type):
    def __hash__(cls):
        return hash(ValueError)

    def __eq__(cls, other):
        return other is ValueError


class Refusal(Exception, metaclass=Same):
    pass


assert {ValueError: 1}[Refusal] == 1


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise Refusal("p")
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
        return x * kept * (1 - self.p) ** -0.5

    def __call__(self, x):
        return self.forward(x)
