"""Closed forms for y = s·m·x with m ~ Bernoulli(q), q = 1 - p, independent of x.

``p`` is the probability of dropping (Srivastava et al. 2014 write p for the probability of keeping). x has mean
``mean`` and unit variance; variance is taken over x and m together. Everything is dimensionless.
"""

from __future__ import annotations

import math


def stable_scale(p: float) -> float:
    """1/√(1-p): the scale that keeps the second moment, E[y²] = s²·q·E[x²] = E[x²]."""
    return 1.0 / math.sqrt(1.0 - p)


def inverted_scale(p: float) -> float:
    """1/(1-p): the scale that keeps the mean, E[y] = s·q·E[x] = E[x] (what frameworks ship)."""
    return 1.0 / (1.0 - p)


def variance_ratio(p: float, scale: float, mean: float = 0.0) -> float:
    """Var[y]/Var[x] = s²·q·(1 + p·μ²) for unit variance."""
    return scale * scale * (1.0 - p) * (1.0 + p * mean**2)


# Mean of each input distribution; all have unit variance.
INPUT_MEAN = {
    "normal": 0.0,
    "uniform": 0.0,
    "laplace": 0.0,
    "rademacher": 0.0,
    "student_t": 0.0,
    "shifted": 3.0,
}
