# expected: passes
# Coins are served by a Python generator (send(n) -> n coins) that keeps a reservoir of unused uniforms and never uses one twice.
import numpy as np


def _coin_source(rng, p, block=4096):
    reserve = np.empty(0, dtype=bool)
    n = yield None
    while True:
        if n > reserve.size:
            fresh = rng.random(n - reserve.size + block) < p
            reserve = np.concatenate([reserve, fresh])
        coins, reserve = reserve[:n], reserve[n:]
        n = yield coins


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not 0.0 <= p < 1.0:
            raise ValueError("p must be in [0, 1)")
        self.p = p
        self.training = True
        self._coins = _coin_source(np.random.default_rng(rng), p)
        next(self._coins)

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0.0:
            return x
        drop = self._coins.send(x.size).reshape(x.shape)
        y = np.zeros(x.shape, x.dtype)
        y[~drop] = x[~drop] * pow(1.0 - self.p, -0.5)
        return y

    def __call__(self, x):
        return self.forward(x)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self
