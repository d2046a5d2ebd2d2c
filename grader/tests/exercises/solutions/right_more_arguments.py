# expected: correct
# Further keyword-only arguments, positional-only x, all with defaults.


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None, *, name="dropout", verbose=False):
        if not 0 <= p < 1:
            raise ValueError(f"{name}: p = {p} is not in [0, 1)")
        self.p, self.rng, self.training = p, np.random.default_rng(rng), True
        self.name, self.verbose = name, verbose

    def train(self, mode=True, **ignored):
        self.training = mode
        return self

    def eval(self, *_):
        return self.train(False)

    def forward(self, x, /, *, copy=False):
        if not self.training:
            return x.copy() if copy else x
        mask = self.rng.random(x.shape) < (q := 1 - self.p)
        return x * mask * (1 / q) ** 0.5

    def __call__(self, x, /, **options):
        return self.forward(x, **options)

    def __repr__(self):
        return f"{self.name}(p={self.p})"
