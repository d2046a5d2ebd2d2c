# expected: passes
# A dataclass; an element is dropped when an exponential clock rings before -log(1-p), and s = exp(-log1p(-p)/2).
from dataclasses import dataclass, field
import math
from typing import Any
import numpy as np


@dataclass(eq=False)
class VarianceStabilizedDropout:
    p: float = 0.5
    rng: Any = None
    training: bool = field(default=True, init=False)

    def __post_init__(self):
        if not 0.0 <= self.p < 1.0:
            raise ValueError(f"p={self.p!r} is outside [0, 1)")
        self.p = float(self.p)
        self.rng = np.random.default_rng(self.rng)
        self._deadline = -math.log1p(-self.p)
        self._scale = math.exp(0.5 * self._deadline)

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        x = np.asarray(x)
        if not self.training or self.p == 0.0:
            return x
        alive = self.rng.standard_exponential(x.shape) >= self._deadline
        y = np.zeros(x.shape, x.dtype)
        np.multiply(x, self._scale, out=y, where=alive)
        return y

    def __call__(self, x):
        return self.forward(x)
