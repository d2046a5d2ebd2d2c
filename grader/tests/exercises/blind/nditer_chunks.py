# expected: passes
# Works in buffered chunks of 1000 with nditer, fresh coins for each; s as the hypotenuse of 1 and sqrt(p/(1-p)).
import math

class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.training = True
        self.rng = np.random.default_rng(rng)
        self.s = math.hypot(1.0, math.sqrt(self.p / (1 - self.p)))

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        out = np.empty_like(x)
        with np.nditer([x, out], flags=["external_loop", "buffered", "zerosize_ok"],
                       op_flags=[["readonly"], ["writeonly"]], buffersize=1000) as it:
            for a, b in it:
                b[...] = a * self.s
                b[self.rng.random(a.size) < self.p] = 0
        return out

    def __call__(self, x):
        return self.forward(x)
