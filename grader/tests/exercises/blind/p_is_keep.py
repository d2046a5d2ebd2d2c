# expected: fails
# Breaks R6 (p is the probability of dropping): takes p as the probability of keeping; wrong at every p but 0.5.
import math

class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not (0 <= p < 1):
            raise ValueError("p out of range")
        self.p = p
        self.rng = np.random.default_rng(rng)
        self.training = True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        mask = (self.rng.random(x.shape) < self.p).astype(x.dtype)
        return x * mask * (1.0 / math.sqrt(self.p))

    def __call__(self, x):
        return self.forward(x)
