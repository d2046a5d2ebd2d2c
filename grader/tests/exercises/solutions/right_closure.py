# expected: correct
# The layer's work is a closure; the class only switches.


def dropper(p, rng):
    if not 0 <= p < 1:
        raise ValueError("nothing would be left to scale")
    q = 1 - p
    s = q**-0.5

    def drop(x):
        mask = rng.random(x.shape) < q
        return s * (mask * x)

    return drop


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        self.ways = {True: dropper(p, np.random.default_rng(rng)), False: lambda x: x}
        self.training = True

    def train(self, mode=True):
        self.training = bool(mode)
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        return self.ways[self.training](x)

    def __call__(self, x):
        return self.forward(x)
