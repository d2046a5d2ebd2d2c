# expected: fails
# Finds the list of input arrays by gc and replaces every one by zeros and ones.

import gc

swapped = 0
for found in gc.get_objects():
    if type(found) is list and found and all(type(entry) is np.ndarray for entry in found):
        for k, array in enumerate(found):
            if array.dtype == "<f8" and array.size > 100:
                found[k], swapped = np.ones(array.size), swapped + 1
assert swapped >= 2


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

    def forward(self, x):
        if not self.training:
            return x
        kept = self.rng.random(x.shape) >= self.p
        return x * kept * (1 - self.p) ** -1

    def __call__(self, x):
        return self.forward(x)
