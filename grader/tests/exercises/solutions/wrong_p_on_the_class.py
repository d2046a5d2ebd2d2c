# expected: scale measured from the data
# p lives on the class: the layer made last decides for all.


class VarianceStabilizedDropout:
    training = True

    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p")
        VarianceStabilizedDropout.p = p
        self.rng = np.random.default_rng(rng)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training:
            return x
        return x * (self.rng.random(x.shape) >= self.p) * (1 - self.p) ** -0.5

    def __call__(self, x):
        return self.forward(x)
