# expected: correct
# Draws float32 numbers for float32 input and casts the scale to the input's type.


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p")
        self.p = p
        self.rng = np.random.default_rng(rng)
        self.training = True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        x = np.asanyarray(x)
        if not self.training:
            return x
        kind = x.dtype if x.dtype in (np.float32, np.float64) else np.dtype(np.float64)
        keep = self.rng.random(x.shape, dtype=kind) < kind.type(1 - self.p)
        scale = np.divide(1, np.sqrt(kind.type(1 - self.p)), dtype=kind)
        return np.multiply(x, keep, dtype=kind) * scale

    def __call__(self, x):
        return self.forward(x)
