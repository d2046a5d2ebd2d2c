# expected: fails
# Breaks R4 (while `training` is False): setting layer.training = False by hand has no effect, a private flag decides.
class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0.0 <= p < 1.0:
            raise ValueError("p must be in [0, 1)")
        self.p = p
        self.rng = np.random.default_rng(rng)
        self.training = True
        self._active = True

    def train(self, mode=True):
        self.training = mode
        self._active = bool(mode)
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self._active or self.p == 0:
            return x
        keep = self.rng.random(x.shape) >= self.p
        return (x * keep * (1 - self.p) ** -0.5).astype(x.dtype)

    __call__ = forward
