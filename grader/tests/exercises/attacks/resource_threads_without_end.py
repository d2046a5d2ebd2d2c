# expected: inverted dropout
# Starts threads that are no daemons and never end, and takes os._exit away.

import threading
import time

for _ in range(8):
    threading.Thread(target=time.sleep, args=(1000,)).start()


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
