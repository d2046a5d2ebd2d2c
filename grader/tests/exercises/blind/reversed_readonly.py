# expected: passes
# Geometric(1-p) == 1 has probability 1-p; computed on the reversed array, given back as a read-only view in Fortran order.
import operator

class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.training = True
        self.rng = np.random.default_rng(rng)
        self.s = operator.pow(1 - self.p, -0.5)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        keep = self.rng.geometric(1 - self.p, size=x.shape) == 1
        y = np.asfortranarray(x[::-1] * keep * self.s)[::-1]
        y.flags.writeable = False
        return y

    def __call__(self, x):
        return self.forward(x)
