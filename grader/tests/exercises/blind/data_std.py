# expected: fails
# Breaks R7 (s not from the data): rescales so that the standard deviation of this array is restored exactly.
class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0.0 <= p < 1.0:
            raise ValueError("p must be in [0, 1)")
        self.p = p
        self.rng = np.random.default_rng(rng)
        self.training = True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training or self.p == 0 or x.size == 0:
            return x
        keep = self.rng.random(x.shape) >= self.p
        y = x * keep
        rms_x = float(np.sqrt(np.mean(np.square(x))))
        rms_y = float(np.sqrt(np.mean(np.square(y))))
        if rms_y == 0:
            return y
        return (y * (rms_x / rms_y)).astype(x.dtype)

    __call__ = forward
