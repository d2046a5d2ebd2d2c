# expected: correct
# Annotated throughout, with postponed evaluation and numpy.typing.

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

import numpy.typing as npt

if TYPE_CHECKING:
    from typing_extensions import Self

F = TypeVar("F", np.float32, np.float64)
HALF: Final = 0.5


class VarianceStabilizedDropout:
    p: float
    training: bool

    def __init__(self, p: float = HALF, rng: int | np.random.Generator | None = None) -> None:
        if not 0.0 <= p < 1.0:
            raise ValueError(f"p must satisfy 0 <= p < 1, got {p}")
        self.p = p
        self.training = True
        self._rng: Final = np.random.default_rng(rng)

    def train(self, mode: bool = True) -> Self:
        self.training = mode
        return self

    def eval(self) -> Self:
        return self.train(False)

    def forward(self, x: npt.NDArray[F]) -> npt.NDArray[F]:
        if not self.training:
            return x
        return x * (self._rng.random(x.shape) < 1 - self.p) * (1 - self.p) ** -HALF

    __call__ = forward
