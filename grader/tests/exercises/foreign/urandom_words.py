# expected: passes
# Ignores rng altogether and compares 64-bit words of os.urandom with floor(p 2^64); s is the reciprocal of math.sqrt; division with np.divide(out=).
import math
import os


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        p = float(p)
        if math.isnan(p) or p < 0 or p >= 1:
            raise ValueError("p")
        self.root = math.sqrt(1 - p)
        self.limit = int(p * 2**64)         # exact, p is a binary fraction
        self.training = True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        if self.training and self.root != 1.0:
            words = np.frombuffer(os.urandom(8 * x.size), dtype="<u8") if x.size else np.empty(0, "<u8")
            y = np.empty(x.shape, x.dtype)
            np.divide(x, x.dtype.type(self.root), out=y)
            np.copyto(y, 0, where=(words < np.uint64(self.limit)).reshape(x.shape))
            return y
        elif self.training and self.limit:
            # p so small that 1 - p rounds to 1: the scale is 1, dropping is not
            words = np.frombuffer(os.urandom(8 * x.size) or b"\0" * 8, dtype="<u8")[:x.size]
            return np.where((words < np.uint64(self.limit)).reshape(x.shape), x.dtype.type(0), x)
        return x.view()

    __call__ = forward
