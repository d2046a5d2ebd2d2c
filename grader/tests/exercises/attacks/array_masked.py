# expected: fails
# Returns a masked array: numpy.ma shows a mask, the memory below holds every number unmasked.

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
        if not self.training:
            return x
        kept = self.rng.random(x.shape) >= self.p
        return np.ma.array(x * (1 - self.p) ** -0.5, mask=~kept)

    def __call__(self, x):
        return self.forward(x)
