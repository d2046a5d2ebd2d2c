# expected: passes
# 8 threads fill the mask (numpy's own example of multithreaded generation).

from concurrent.futures import ThreadPoolExecutor

class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError(f"p must satisfy 0 <= p < 1, got {p}")
        self.p = p
        self.rng = np.random.default_rng(rng)
        self.training = True
        self.pool = ThreadPoolExecutor(8)
        self.rngs = self.rng.spawn(8)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training:
            return x
        q = 1.0 - self.p
        s = q ** -0.5
        u = np.empty(x.size)
        parts = np.array_split(np.arange(x.size), 8)
        def fill(k):
            i = parts[k]
            u[i] = self.rngs[k].random(i.size)
        list(self.pool.map(fill, range(8)))
        mask = (u < q).reshape(x.shape)
        y = (x * mask * s).astype(x.dtype)
        return y

    def __call__(self, x):
        return self.forward(x)
