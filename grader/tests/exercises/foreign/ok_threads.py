# expected: passes
# Large arrays are drawn by up to four threads, each chunk with its own generator seeded by 256 fresh bits of the layer's generator.
import threading
import numpy as np

CHUNK = 1 << 17


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.rng = np.random.default_rng(rng)
        self.training = True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def _keep(self, n):
        if n <= CHUNK:
            return self.rng.random(n) >= self.p
        keep = np.empty(n, bool)
        starts = list(range(0, n, CHUNK))
        seeds = self.rng.integers(0, 2 ** 32, size=(len(starts), 8), dtype=np.uint32)

        def work(worker):
            for k in range(worker, len(starts), 4):
                a = starts[k]
                part = keep[a:a + CHUNK]
                g = np.random.default_rng(np.random.SeedSequence(seeds[k].tolist()))
                np.greater_equal(g.random(part.size), self.p, out=part)

        threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        return keep

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        out = np.zeros(x.shape, x.dtype)
        np.multiply(x, float(1 / np.sqrt(1 - self.p)), out=out,
                    where=self._keep(x.size).reshape(x.shape))
        return out

    __call__ = forward
