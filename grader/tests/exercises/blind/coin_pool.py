# expected: passes
# Coins are drawn in pools of 10000 and used up one after the other, each only once.
import math

class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.training = True
        self.rng = np.random.default_rng(rng)
        self.pool = np.empty(0, dtype=bool)
        self.s = 1 / math.exp(math.log(1 - self.p) / 2)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        parts, need = [], x.size
        while need > 0:
            if self.pool.size == 0:
                self.pool = self.rng.random(10_000) < self.p
            part, self.pool = self.pool[:need], self.pool[need:]
            parts.append(part)
            need -= part.size
        y = x * self.s
        if parts:
            y[np.concatenate(parts).reshape(x.shape)] = 0
        return y

    def __call__(self, x):
        return self.forward(x)
