# expected: passes
# A dataclass, the root as power with a Fraction as exponent; p is checked after construction.
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any


@dataclass(eq=False)
class VarianceStabilizedDropout:
    p: float = 0.5
    rng: Any = None
    training: bool = field(default=True, init=False)

    def __post_init__(self):
        if not 0 <= self.p < 1:
            raise ValueError(f"p = {self.p} is not in [0, 1)")
        self.rng = np.random.default_rng(self.rng)
        self.scale = float(1 - Fraction(float(self.p))) ** Fraction(-1, 2)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(mode=False)

    def __call__(self, x):
        if not (self.training and self.p):
            return x.view()
        y = np.multiply(x, self.scale, dtype=x.dtype)
        np.putmask(y, self.rng.random(y.shape) < self.p, 0)
        return y

    def forward(self, x):
        return self(x)
