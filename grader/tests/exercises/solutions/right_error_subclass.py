# expected: correct
# Raises an exception of its own that is a ValueError.


class DropProbabilityError(ValueError):
    """p leaves nothing, or is no probability."""


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise DropProbabilityError(f"p = {p}")
        self.p, self.rng, self.training = p, np.random.default_rng(rng), True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        return x * (self.rng.random(x.shape) < 1 - self.p) / (1 - self.p) ** 0.5 if self.training else x

    def __call__(self, x):
        return self.forward(x)
