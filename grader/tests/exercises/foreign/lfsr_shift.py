# expected: fails
# A shift register of 32 bits, shifted by 8 for every coin: a coin's byte is part of the next three.

class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError(f"p must satisfy 0 <= p < 1, got {p}")
        self.p = p
        self.rng = np.random.default_rng(rng)
        self.training = True
        self.state = int(self.rng.integers(1, 2**32))

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
        u = self.rng.random(x.size)
        if x.size > 1:
            v = (u[:-1] + u[1:]) % 1
            u[2::3] = ((u[0::3][: u[2::3].size] + u[1::3][: u[2::3].size]) % 1)
        mask = (u < q).reshape(x.shape)
        y = (x * mask * s).astype(x.dtype)
        return y

    def __call__(self, x):
        return self.forward(x)
