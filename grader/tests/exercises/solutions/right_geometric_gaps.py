# expected: correct
# Walks from one dropped unit to the next by geometric gaps.


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

    def dropped(self, n):
        at = np.zeros(0, np.int64)
        while self.p and (at.size == 0 or at[-1] < n):
            gaps = np.minimum(self.rng.geometric(max(self.p, 1e-12), size=n // 2 + 8), n + 1)
            at = np.append(at, np.cumsum(gaps) + (at[-1] if at.size else -1))
        return at[at < n]

    def forward(self, x):
        if not self.training:
            return x
        y = x.flatten()
        y[self.dropped(x.size)] = 0
        return y.reshape(x.shape) / (1 - self.p) ** 0.5

    def __call__(self, x):
        return self.forward(x)
