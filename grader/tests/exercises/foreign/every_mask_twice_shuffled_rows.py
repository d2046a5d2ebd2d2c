# expected: fails
# 2-d: the second half of the batch has the masks of the first half, in another order of rows.

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
        if x.ndim == 2 and len(x) >= 16 and x.shape[1] >= 16:
            h = len(x) // 2
            mask[h : 2 * h] = mask[:h][self.rng.permutation(h)]
        y = (x * mask * s).astype(x.dtype)
        return y

    def __call__(self, x):
        return self.forward(x)
