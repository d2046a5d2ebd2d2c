# expected: passes
# Clears the bits of dropped floats with AND on an integer view of a fresh contiguous copy (gives +0).
class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.training = True
        self.rng = np.random.Generator(np.random.PCG64DXSM(int(np.random.default_rng(rng).integers(2 ** 63))))
        self.s = float(np.exp2(-0.5 * np.log2(1 - self.p)))

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        y = np.array(x * self.s, order="C", copy=True)
        word = np.dtype(f"i{y.dtype.itemsize}")
        keep = self.rng.random(y.shape) >= self.p
        bits = y.view(word)
        bits &= -keep.astype(word)
        return y

    def __call__(self, x):
        return self.forward(x)
