# expected: nothing dropped
# Does nothing in either mode.


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p")
        self.p, self.training = p, True
        self.scale = (1 - p) ** -0.5

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        return x

    def __call__(self, x):
        return self.forward(x)
