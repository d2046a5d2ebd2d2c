# expected: correct
# p is a property whose setter validates and renews the scale.


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        self.p = p
        self.rng = np.random.default_rng(rng)
        self._mode = "train"

    @property
    def p(self):
        return self._p

    @p.setter
    def p(self, value):
        if not 0 <= value < 1:
            raise ValueError("p must lie in [0, 1)")
        self._p = value
        self._scale = float(1 / np.sqrt(1 - value))

    @property
    def training(self):
        return self._mode == "train"

    @training.setter
    def training(self, value):
        self._mode = "train" if value else "eval"

    def train(self, mode=True):
        self._mode = "train" if mode else "eval"
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training:
            return x
        return x * (self.rng.random(x.shape) < 1 - self.p) * self._scale

    def __call__(self, x):
        return self.forward(x)
