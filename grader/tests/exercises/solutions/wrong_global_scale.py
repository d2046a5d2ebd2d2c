# expected: scale measured from the data
# The scale is a global variable that every new layer overwrites.

scale = 1.0


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        global scale
        if not 0 <= p < 1:
            raise ValueError("p")
        scale = float(np.sqrt(1 / (1 - p)))
        self.p, self.rng, self.training = p, np.random.default_rng(rng), True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training:
            return x
        return x * (self.rng.random(x.shape) >= self.p) * scale

    def __call__(self, x):
        return self.forward(x)
