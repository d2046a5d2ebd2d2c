"""All coins at middle rates in one row of z = (m - q)/√(pq), which the tests of dependence look at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from grader.exercises.dropout.coins import Table
from grader.exercises.dropout.exact import Coins

MIDDLE = (0.1, 0.9)  # rates: |z| ≤ 3
FIRST = (128, 512, 2048)  # coins by which two calls are compared

Flat = npt.NDArray[np.float32]
Sums = npt.NDArray[np.float64]  # one for each call


class Stream:
    """All coins at middle rates, call after call, those at p < 1/2 first."""

    def __init__(self, coins: Sequence[Coins], table: Table) -> None:
        low, high = MIDDLE
        use = [j for j, one in enumerate(coins) if low <= one.call.p <= high and one.call.plain]
        use.sort(key=lambda j: coins[j].call.p >= 0.5)
        self.coins = [coins[j] for j in use]
        self.table = table[:, use]
        self.p = np.array([one.call.p for one in self.coins])
        self.size = np.array([one.n for one in self.coins], dtype=np.int64)
        self.start = np.cumsum(self.size) - self.size
        self.half = int(self.size[self.p < 0.5].sum())
        q, pq = 1 - self.p, self.p * (1 - self.p)
        self.v = self.size * pq
        self.top = np.maximum(self.p, q) / np.sqrt(pq)
        self.z = (
            np.concatenate([one.kept for one in self.coins]).astype(np.float32) if self.coins else np.empty(0, "f4")
        )
        self.z -= self.spread(q)
        self.z /= self.spread(np.sqrt(pq))

    def spread(self, values: Any) -> Flat:
        """One value for each call → one for each coin."""
        return np.repeat(np.asarray(values, dtype=np.float32), self.size)

    def sums(self, values: Any) -> Sums:
        return np.add.reduceat(values, self.start).astype(np.float64)

    def of(self, j: int) -> Flat:
        return self.z[self.start[j] : self.start[j] + self.size[j]]

    def flatten(self) -> None:
        """Take out of every call its mean and its linear drift, and measure what is left in its own standard
        deviations: a wrong fraction and a drift make all coins related, and what is left then is related by itself. No
        limit holds any more."""
        t = self.places()
        mean = self.sums(self.z) / self.size
        slope = self.sums(self.z * t) / np.maximum(self.sums(t * t), 1e-9)
        self.z -= self.spread(mean) + self.spread(slope) * t
        self.z /= self.spread(np.sqrt(np.maximum(self.sums(self.z * self.z) / self.size, 1e-3)))

    def places(self) -> Flat:
        """From -1 at a call's first coin to 1 at its last."""
        inside = np.arange(self.z.size, dtype=np.float32) - self.spread(self.start)
        return (2 * inside + 1) / self.spread(self.size) - 1

    def shifted(self, w: Flat, k: int) -> Sums:
        """Sums of z_i w_{i+k}."""
        product = np.empty_like(w)
        here, there = (slice(None, -k), slice(k, None)) if k > 0 else (slice(-k, None), slice(None, k))
        np.multiply(self.z[here], w[there], out=product[here])
        product[slice(-k, None) if k > 0 else slice(None, -k)] = 0
        return self.sums(product)
