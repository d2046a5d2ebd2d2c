# expected: passes
# A dataclass with __post_init__ and cached_property; equality switched off so layers stay hashable.
from dataclasses import dataclass, field
from functools import cached_property
import numpy as np


@dataclass(eq=False)
class VarianceStabilizedDropout:
    p: float = 0.5
    rng: int | np.random.Generator | None = None
    training: bool = field(default=True, init=False)

    def __post_init__(self):
        if not 0 <= self.p < 1:
            raise ValueError(f"p = {self.p} is not in [0, 1)")
        self.p = float(self.p)
        self.rng = np.random.default_rng(self.rng)

    @cached_property
    def scale(self) -> float:
        return float(np.float_power(1.0 - self.p, -0.5))

    def train(self, mode: bool = True) -> "VarianceStabilizedDropout":
        self.training = mode
        return self

    def eval(self) -> "VarianceStabilizedDropout":
        return self.train(False)

    def forward(self, x: np.ndarray) -> np.ndarray:
        if not self.training or self.p == 0.0:
            return x.copy()
        out = x.astype(x.dtype, order="C", copy=True)
        out *= self.scale
        out[self.rng.random(out.shape) < self.p] = 0.0
        return out

    def __call__(self, x: np.ndarray) -> np.ndarray:
        return self.forward(x)
