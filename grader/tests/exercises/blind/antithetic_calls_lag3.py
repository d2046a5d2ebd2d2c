# expected: fails
# Breaks R6 (every other call): call k uses 1-u of call k-3 (if it had the same shape), k = 4..6, 10..12, ...; correlation -p/(1-p) or so.
class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0.0 <= p < 1.0:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.rng = np.random.default_rng(rng)
        self.training = True
        self.scale = float((1.0 - self.p) ** -0.5)
        self.calls = 0
        self.past = [None, None, None]

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        k = self.calls
        self.calls += 1
        old = self.past[k % 3]
        if (k // 3) % 2 == 1 and old is not None and old.shape == x.shape:
            u = 1.0 - old
        else:
            u = self.rng.random(x.shape)
        self.past[k % 3] = u
        return np.where(u >= self.p, x * self.scale, 0).astype(x.dtype)

    def __call__(self, x):
        return self.forward(x)
