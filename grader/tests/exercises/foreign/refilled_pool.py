# expected: passes
# One pool of uniforms shared by ALL unseeded layers (class attribute), handed out once each and refilled when empty; layers with an rng have a pool of their own.
import numpy as np


class _Tap:
    def __init__(self, gen, block=4096):
        self.gen, self.block = gen, block
        self.left = np.empty(0)

    def pour(self, n):
        parts = []
        while n > 0:
            if not self.left.size:
                self.left = self.gen.random(self.block)
            head, self.left = self.left[:n], self.left[n:]
            parts.append(head)
            n -= head.size
        return np.concatenate(parts) if parts else np.empty(0)


class VarianceStabilizedDropout:
    _common = _Tap(np.random.default_rng())

    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p")
        self.p = p
        self.training = True
        self.tap = self._common if rng is None else _Tap(np.random.default_rng(rng))

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        u = self.tap.pour(x.size).reshape(x.shape)
        return np.where(u < self.p, x.dtype.type(0), x * x.dtype.type((1 - self.p) ** -0.5))

    def __call__(self, x):
        return self.forward(x)
