# expected: passes
# A dataclass with InitVar, field(init=False) and __post_init__; an element is dropped if a Poisson(-log(1-p)) count is positive.
from dataclasses import InitVar, dataclass, field

import numpy as np


@dataclass(eq=False, repr=False)
class VarianceStabilizedDropout:
    p: float = 0.5
    rng: InitVar[object] = None
    training: bool = field(default=True, init=False)
    _lam: float = field(init=False)

    def __post_init__(self, rng):
        if not 0 <= self.p < 1:
            raise ValueError("need 0 <= p < 1")
        self._lam = float(-np.log1p(-np.float64(self.p)))
        self._rng = np.random.default_rng(rng)

    def train(self, mode: bool = True) -> "VarianceStabilizedDropout":
        self.training = mode
        return self

    def eval(self) -> "VarianceStabilizedDropout":
        return self.train(mode=False)

    def forward(self, x):
        if not self.training or self.p == 0:
            return x.copy(order="F")
        events = self._rng.poisson(self._lam, size=x.shape)
        y = x.astype(np.float64) * np.exp(self._lam / 2)
        y[events > 0] = 0.0
        with np.errstate(over="ignore"):
            return y.astype(x.dtype)

    def __call__(self, x):
        return self.forward(x)
