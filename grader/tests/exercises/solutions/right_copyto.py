# expected: correct
# A copy, into which zeros are copied where the coin says drop.


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
        y = np.array(x, copy=True)
        if self.training:
            np.copyto(y, 0, where=self.rng.random(x.shape) < self.p)
            y *= 1 / np.sqrt(1 - self.p)
        return y

    def __call__(self, x):
        return self.forward(x)
