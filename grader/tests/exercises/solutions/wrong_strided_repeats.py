# expected: masks repeat
# The same mask for every strided array.


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p")
        self.p, self.rng, self.training = p, np.random.default_rng(rng), True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training:
            return x
        q = 1.0 - self.p
        mask, scale = self.rng.random(x.shape) < q, q**-0.5
        if not x.flags.c_contiguous:
            mask = np.random.default_rng(5).random(x.shape) < q
        return (x * mask * scale).astype(x.dtype)

    def __call__(self, x):
        return self.forward(x)
