# expected: p taken as the probability of keeping
# The lecture's layer: p is the probability of keeping.


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 < p <= 1:
            raise ValueError("p has to keep something")
        self.p, self.rng, self.training = p, np.random.default_rng(rng), True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def __call__(self, H):
        if not self.training:
            return H
        U = (self.rng.random(H.shape) < self.p) / self.p
        return (H * U).astype(H.dtype)

    forward = __call__
