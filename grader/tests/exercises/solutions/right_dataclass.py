# expected: correct
# A dataclass whose post-init validates and prepares.

from dataclasses import dataclass, field


@dataclass
class VarianceStabilizedDropout:
    p: float = 0.5
    rng: object = None
    training: bool = field(default=True, init=False)

    def __post_init__(self):
        if not 0 <= self.p < 1:
            raise ValueError(f"p = {self.p}")
        self.rng = np.random.default_rng(self.rng)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training:
            return x
        mask = self.rng.random(x.shape) < 1 - self.p
        return (x * mask / np.sqrt(1 - self.p)).astype(x.dtype)

    def __call__(self, x):
        return self.forward(x)
