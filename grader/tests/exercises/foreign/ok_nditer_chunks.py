# expected: passes
# Works through input and output in buffered chunks of np.nditer, whatever the memory layout, with fresh uniforms for every chunk.
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if not 0.0 <= p < 1.0:
            raise ValueError("p must be in [0, 1)")
        self.p = p
        self.rng = np.random.default_rng(rng)
        self.training = True

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0.0:
            return x
        s = 1.0 / np.sqrt(1.0 - self.p).item()
        y = np.zeros(x.shape, x.dtype)
        walk = np.nditer([x, y], flags=["external_loop", "buffered", "zerosize_ok"],
                         op_flags=[["readonly"], ["readwrite"]], order="C", buffersize=8192)
        with walk:
            for a, b in walk:
                keep = self.rng.random(a.size) >= self.p
                np.multiply(a, s, out=b, where=keep)
        return y

    def __call__(self, x):
        return self.forward(x)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self
