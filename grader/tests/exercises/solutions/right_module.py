# expected: correct
# A little torch: a Module with a registry of buffers and __call__ dispatching to forward.


class Module:
    def __init__(self):
        object.__setattr__(self, "_buffers", {})
        self.training = True

    def __setattr__(self, name, value):
        if isinstance(value, np.ndarray):
            self._buffers[name] = value
        object.__setattr__(self, name, value)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def __call__(self, *inputs, **named):
        return self.forward(*inputs, **named)


class VarianceStabilizedDropout(Module):
    def __init__(self, p=0.5, rng=None):
        super().__init__()
        if not 0 <= p < 1:
            raise ValueError(f"dropout probability has to be in [0, 1), but got {p}")
        self.p, self.rng = p, np.random.default_rng(rng)
        self.gain = np.array(1 / np.sqrt(1 - p))

    def forward(self, x):
        if not self.training:
            return x
        return (x * (self.rng.random(x.shape) >= self.p) * self.gain).astype(x.dtype)
