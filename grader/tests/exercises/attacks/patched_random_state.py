# expected: masks repeat
# Puts the bit generator back to its first state before every draw.

class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p")
        self.p, self.rng, self.training = p, np.random.default_rng(rng), True
        self.start = self.rng.bit_generator.state

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        self.rng.bit_generator.state = self.start
        if not self.training:
            return x
        kept = self.rng.random(x.shape) >= self.p
        return x * kept * (1 - self.p) ** -0.5

    def __call__(self, x):
        return self.forward(x)
