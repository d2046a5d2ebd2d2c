# expected: correct
# A dataclass with slots and postponed annotations.

from __future__ import annotations

import dataclasses
import math


@dataclasses.dataclass(slots=True, eq=False)
class VarianceStabilizedDropout:
    p: float = 0.5
    rng: np.random.Generator | int | None = None
    training: bool = dataclasses.field(init=False, default=True)
    scale: float = dataclasses.field(init=False, default=1.0)

    def __post_init__(self) -> None:
        if not (math.isfinite(self.p) and 0 <= self.p < 1):
            raise ValueError(f"cannot drop with p={self.p}")
        self.rng = np.random.default_rng(self.rng)
        self.scale = 1.0 / math.sqrt(1.0 - self.p)

    def train(self, mode: bool = True) -> VarianceStabilizedDropout:
        self.training = mode
        return self

    def eval(self) -> VarianceStabilizedDropout:
        return self.train(False)

    def forward(self, x: np.ndarray) -> np.ndarray:
        if not self.training:
            return x
        return np.where(self.rng.random(x.shape) < self.p, x.dtype.type(0), x * self.scale)

    def __call__(self, x: np.ndarray) -> np.ndarray:
        return self.forward(x)
