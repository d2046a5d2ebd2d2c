# expected: status killed
# Finds the worker's reply stream by gc and closes it after a message of success.

import gc
import io

streams = [found for found in gc.get_objects() if type(found) is io.BufferedWriter and "1" not in str(found.name)]
assert streams
for stream in streams:
    stream.write(b'{"passed": true}')
    stream.close()


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
