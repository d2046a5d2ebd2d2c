# expected: passes
# Dropped if a Poisson(-log(1-p)) number of hits is not zero: probability p; a generator per call, spawned.
import math

class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.training = True
        if isinstance(rng, np.random.Generator):
            rng = [int(k) for k in rng.integers(0, 2 ** 32, size=8)]
        self.seeds = np.random.SeedSequence(rng)
        self.rate = -math.log1p(-self.p)
        self.s = math.sqrt(math.exp(self.rate))

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        gen = np.random.Generator(np.random.SFC64(self.seeds.spawn(1)[0]))
        hits = gen.poisson(self.rate, size=x.shape)
        return (x * self.s) * (hits == 0)

    def __call__(self, x):
        return self.forward(x)
