# expected: passes
# A plain Python loop with random.SystemRandom-seeded random.Random, doctest in the docstring, a print at import and a demo block under __main__ that draws, seeds and asserts.
import functools
import random
from typing import Generic, Optional, TypeVar, Union

import numpy as np

T = TypeVar("T", bound=np.floating)


class VarianceStabilizedDropout(Generic[T]):
    """Dropout that keeps the variance.

    >>> VarianceStabilizedDropout(0.0)(np.ones(2))
    array([1., 1.])
    >>> round(VarianceStabilizedDropout(0.75).scale, 6)
    2.0
    """

    def __init__(self, p: float = 0.5, rng: Optional[Union[int, np.random.Generator]] = None):
        if not 0 <= p < 1:
            raise ValueError("p")
        self.p = float(p)
        self.training = True
        seed = random.SystemRandom().getrandbits(256) if rng is None else (
            int(rng.integers(2**63 - 1)) if isinstance(rng, np.random.Generator) else int(rng))
        self._random = random.Random(seed)

    @functools.cached_property
    def scale(self) -> float:
        return (1.0 - self.p) ** -0.5

    def train(self, mode: bool = True) -> "VarianceStabilizedDropout":
        self.training = mode
        return self

    def eval(self) -> "VarianceStabilizedDropout":
        self.training = False
        return self

    def forward(self, x: np.ndarray) -> np.ndarray:
        if not self.training or self.p == 0:
            return x
        toss, p = self._random.random, self.p
        keep = np.fromiter((toss() >= p for _ in range(x.size)), bool, x.size).reshape(x.shape)
        return np.where(keep, x * x.dtype.type(self.scale), x.dtype.type(0))

    __call__ = forward


print("VarianceStabilizedDropout is defined")

if __name__ == "__main__":
    import doctest

    np.random.seed(3)
    random.seed(4)
    demo = VarianceStabilizedDropout(0.3, rng=1)
    assert abs(demo(np.random.randn(100_000)).var() - 1) < 0.1
    print(doctest.testmod())
