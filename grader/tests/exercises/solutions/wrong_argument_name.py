# expected: interface
# The probability is called rate, as in Keras.


class VarianceStabilizedDropout:
    def __init__(self, rate=0.5, rng=None):
        if not 0 <= rate < 1:
            raise ValueError("rate")
        self.rate, self.rng, self.training = rate, np.random.default_rng(rng), True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training:
            return x
        return x * (self.rng.random(x.shape) >= self.rate) * (1 - self.rate) ** -0.5

    def __call__(self, x):
        return self.forward(x)
