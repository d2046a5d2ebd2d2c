# expected: passes
# A uniform number is compared with p bit by bit (fair bits against the binary expansion of p) until every element is decided.
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p")
        self.p, self.training = float(p), True
        self.rng = rng if isinstance(rng, np.random.Generator) else np.random.Generator(np.random.MT19937(rng))

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def _drop(self, n):
        drop = np.zeros(n, bool)
        open_ = np.arange(n)
        rest = self.p
        while open_.size and rest > 0.0:
            rest *= 2.0
            digit = rest >= 1.0
            rest -= digit
            raw = np.frombuffer(self.rng.bytes((open_.size + 7) // 8), np.uint8)
            bits = np.unpackbits(raw, count=open_.size).astype(bool)
            if digit:
                drop[open_[~bits]] = True       # the number is below p
                open_ = open_[bits]
            else:
                open_ = open_[~bits]            # those with a 1 are above p
        return drop                             # the rest equals p so far: not below

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        drop = self._drop(x.size).reshape(x.shape)
        y = np.asarray(x / x.dtype.type(np.sqrt(1 - self.p)))
        np.putmask(y, drop, 0)
        return y

    def __call__(self, x):
        return self.forward(x)
