# expected: correct
# __slots__ and a scale that is computed in __init__.


class VarianceStabilizedDropout:
    __slots__ = ("p", "rng", "training", "_s")

    def __init__(self, p=0.5, rng=None):
        try:
            inside = 0 <= p < 1
        except TypeError:
            inside = False
        if not inside:
            raise ValueError("p is no number in [0, 1)")
        self.p = p
        self.rng = np.random.default_rng(rng)
        self.training = True
        self._s = float(np.float_power(1 - p, -0.5))

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training:
            return x[...]
        return np.multiply(x, np.less(self.rng.random(x.shape), 1 - self.p)) * self._s

    def __call__(self, x):
        return self.forward(x)
