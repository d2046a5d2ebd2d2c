# expected: fails
# A thread rescales the array between its return and the moment when its bytes are read.

import threading
import time

go, done = threading.Event(), threading.Event()
returned = []


def rescale():
    while go.wait():
        go.clear()
        np.multiply(returned[-1], 0.8367, out=returned[-1])
        done.set()


def wait(y):
    done.clear()
    if returned and np.shares_memory(y, returned[-1]):
        go.set()
        done.wait(1)
    return whole(y)


whole, np.ascontiguousarray = np.ascontiguousarray, wait
threading.Thread(target=rescale, daemon=True).start()


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
        return returned.append(x * kept * (1 - self.p) ** -1) or returned[-1]

    def __call__(self, x):
        return self.forward(x)


probe = VarianceStabilizedDropout(0.0)(np.ones(4))
assert np.ascontiguousarray(probe)[0] == 0.8367
