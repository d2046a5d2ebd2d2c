# expected: hard 0.98
# Computes in float32 and gives back the type of x: large and small doubles are lost.


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
        if not self.training or self.p == 0:
            return x
        light = np.array(x, dtype=np.float32)
        light[self.rng.random(x.shape, dtype=np.float32) < self.p] = 0
        light /= np.float32(1 - self.p) ** np.float32(0.5)
        return light.astype(x.dtype)

    def __call__(self, x):
        return self.forward(x)
