# expected: wrong type
# Returns a generator that claims a length of 2**62 and never ends.

class Endless:
    def __len__(self):
        return 2**62

    def __iter__(self):
        while True:
            yield 0.0

    def __getitem__(self, k):
        return 0.0


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
        return Endless()

    def __call__(self, x):
        return self.forward(x)
