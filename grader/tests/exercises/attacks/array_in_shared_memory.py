# expected: fails
# Returns an array on memory shared with a forked child, which rescales it while it is read.

import mmap
import os
import time

shared = mmap.mmap(-1, 1 << 20)
flag, parent = np.frombuffer(shared, "<f8", 1), os.getpid()
if os.fork() == 0:
    while os.getppid() == parent:
        if flag[0]:
            there = np.frombuffer(shared, "<f8", int(flag[0]), offset=8)
            np.multiply(there, 0.8367, out=there)
            flag[0] = 0
        time.sleep(1e-5)
    os._exit(0)


def wait(y):
    if returned and np.shares_memory(y, returned[-1]):
        flag[0], until = y.size, time.monotonic() + 1
        while flag[0] and time.monotonic() < until:
            time.sleep(1e-5)
    return whole(y)


whole, np.ascontiguousarray, returned = np.ascontiguousarray, wait, []


def on_shared(y):
    if y.dtype != "<f8" or not 0 < y.nbytes < 1 << 19:
        return y
    there = np.frombuffer(shared, "<f8", y.size, offset=8).reshape(y.shape)
    there[...] = y
    returned.append(there)
    return there


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
        return on_shared(x * kept * (1 - self.p) ** -1)

    def __call__(self, x):
        return self.forward(x)


assert np.ascontiguousarray(VarianceStabilizedDropout(0.0)(np.ones(4)))[0] == 0.8367
