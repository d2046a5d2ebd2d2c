# expected: hard 1.00
# A masked array, turned back into a plain one: what is no number in x is masked too, and comes back as 0.

import numpy.ma as ma


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p")
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
        holes = ma.array(x, mask=self.rng.random(x.shape) < self.p, copy=True)
        return np.asarray((holes / np.sqrt(1 - self.p)).filled(0.0), dtype=x.dtype)

    def __call__(self, x):
        return self.forward(x)
