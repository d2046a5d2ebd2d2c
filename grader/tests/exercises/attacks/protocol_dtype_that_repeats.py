# expected: fails
# Names the dtype of its arrays 2f8 on the wire: a subarray type with two numbers in the place of each one.

import struct

import sys

worker = sys.modules.get("worker") or sys.modules["__main__"]


def pack(value, limit):
    head = struct.pack(f"<8sB{value.ndim}Q", b"2f8", value.ndim, *value.shape)
    return head, np.repeat(value.astype("<f8"), 2).tobytes()


worker.pack = pack


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
