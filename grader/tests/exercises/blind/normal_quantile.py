# expected: passes
# A standard normal number is below its p-quantile with probability p; s as 2-norm of (1, sqrt(odds)).
from statistics import NormalDist

class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.training = True
        self.rng = np.random.default_rng(rng)
        self.z = NormalDist().inv_cdf(self.p) if self.p > 0 else -np.inf
        self.s = float(np.linalg.norm([1.0, np.sqrt(self.p / (1 - self.p))]))

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        y = np.zeros(x.shape, x.dtype)
        keep = self.rng.standard_normal(x.shape) > self.z
        y[keep] = x[keep] * self.s
        return y

    def __call__(self, x):
        return self.forward(x)
