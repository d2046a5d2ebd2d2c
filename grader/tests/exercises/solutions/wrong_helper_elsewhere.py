# expected: status raised
# Uses a helper function that stands in another cell.


class VarianceStabilizedDropout(Layer):  # noqa: F821
    def __init__(self, p=0.5, rng=None):
        self.p, self.rng, self.training = p, np.random.default_rng(rng), True

    def forward(self, x):
        return x * (self.rng.random(x.shape) >= self.p) * (1 - self.p) ** -0.5
