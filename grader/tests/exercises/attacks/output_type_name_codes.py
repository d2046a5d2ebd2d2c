# expected: wrong type
# Returns an object whose type is named by terminal codes and a script element.

Odd = type("\x1b[2J\x1b[32m<script>alert(1)</script>", (), {})


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
            return Odd()
        kept = self.rng.random(x.shape) >= self.p
        return Odd()

    def __call__(self, x):
        return self.forward(x)
