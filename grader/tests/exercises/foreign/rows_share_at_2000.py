# expected: fails
# 2- to 4-d arrays of 300 to 7,999 numbers, 0.9 < p or p < 0.1 apart: neighbours in the last axis share a coin in pairs.

class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError(f"p must satisfy 0 <= p < 1, got {p}")
        self.p = p
        self.rng = np.random.default_rng(rng)
        self.training = True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training:
            return x
        q = 1.0 - self.p
        s = q ** -0.5
        mask = self.rng.random(x.shape) < q
        if 300 <= x.size < 7999 and x.ndim > 1 and x.shape[-1] != 40:
            mask = np.repeat(mask[..., ::2], 2, -1)[..., : x.shape[-1]]
        y = (x * mask * s).astype(x.dtype)
        return y

    def __call__(self, x):
        return self.forward(x)
