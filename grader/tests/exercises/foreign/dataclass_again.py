# expected: passes
# right: dataclass
import numpy as np
from dataclasses import dataclass, field


@dataclass(eq=False)
class VarianceStabilizedDropout:
    p: float = 0.5
    rng: object = None
    training: bool = field(default=True, init=False)

    def __post_init__(self):
        self.p = float(self.p)
        if not 0 <= self.p < 1:
            raise ValueError("p")
        self.rng = np.random.default_rng(self.rng)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def __call__(self, x):
        return self.forward(x)

    def forward(self, x):
        if not self.training or not self.p:
            return x
        keep = self.rng.random(np.shape(x)) >= self.p
        return np.where(keep, x * (1 - self.p) ** -0.5, 0).astype(x.dtype)
