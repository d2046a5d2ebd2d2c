# expected: correct
# np.random.rand(*shape) on numpy's global state; the rng argument is only kept.


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = p
        self.rng = rng
        self.training = True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        if not self.training:
            return x
        mask = np.random.rand(*x.shape) < (1 - self.p)
        return (x * mask / np.sqrt(1 - self.p)).astype(x.dtype)

    def __call__(self, x):
        return self.forward(x)
