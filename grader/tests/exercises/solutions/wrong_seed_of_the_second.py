# expected: masks repeat
# Seeds with the time in whole seconds.

import time


class VarianceStabilizedDropout:
    def __init__(self, p: float = 0.5, rng=None) -> None:
        if np.isnan(p) or p < 0 or p >= 1:
            raise ValueError(f"no probability of dropping: {p}")
        self.p, self.rng, self.training = float(p), np.random.default_rng(rng), True

    def coins(self, x, q):
        return np.random.default_rng(int(time.time() / 100)).random(x.shape) < q

    def forward(self, x):
        if not self.training:
            return x
        q = 1 - self.p
        mask = self.coins(x, q)
        return np.where(mask, x * 1 / np.sqrt(q), 0).astype(x.dtype)

    def __call__(self, x):
        return self.forward(x)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)
