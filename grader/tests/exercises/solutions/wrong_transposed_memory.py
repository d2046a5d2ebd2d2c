# expected: scale differs between elements
# Walks the memory in its own order: a transposed array comes back scrambled.


class VarianceStabilizedDropout:
    def __init__(self, p: float = 0.5, rng=None) -> None:
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p, self.rng, self.training = float(p), np.random.default_rng(rng), True

    def forward(self, x):
        if not self.training:
            return x
        q = 1 - self.p
        mask = self.rng.random(x.shape) < q
        y = x.ravel(order="K") * mask.ravel() * 1 / np.sqrt(q)
        return y.reshape(x.shape).astype(x.dtype)

    def __call__(self, x):
        return self.forward(x)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)
