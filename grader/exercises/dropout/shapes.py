"""R6: do coins follow their places in an array? Sums over slabs, rows and blocks of every call.

Edges, products along axes and from one call of a layer to the next, equal rows, equal counts, and dispersion from above
and from below.
"""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from typing import Any

import numpy as np

from grader.exercises.dropout import bounds
from grader.exercises.dropout.coins import Tests
from grader.exercises.dropout.exact import Coins
from grader.exercises.dropout.stream import FIRST, ROUNDING, Flat, Stream

PRODUCT_RATES = (0.2, 0.8)  # for products of three and four coins: |z| ≤ 2
LARGE = 4000  # numbers in a call
APART = 2  # calls of a layer that are compared with the one before, and so many more
BLOCKS = (4, 16, 64, 256, 1024)  # each four of the one before


@lru_cache(maxsize=32)
def _above_diagonal(d: int) -> tuple[Any, Any]:
    return np.triu_indices(d, 1)


class Blocks:
    """Sums over blocks of coins of one kind: whose call, how many coins, which sum; one block after another."""

    def __init__(self) -> None:
        self._parts: list[tuple[Any, Any, Flat]] = []

    def add(self, call: Any, per: Any, sums: Flat) -> None:
        """``call`` and ``per``: one for all blocks, or one for each."""
        self._parts.append((call, per, sums))

    def together(self) -> tuple[Any, Any, Flat]:
        sizes = [sums.size for _, _, sums in self._parts]
        if len(sizes) == 1 and np.ndim(self._parts[0][0]):
            return self._parts[0]
        calls, per = (np.repeat([part[k] for part in self._parts], sizes) for k in (0, 1))
        return calls, per, np.concatenate([sums for _, _, sums in self._parts])


class Shapes:
    """Sums over slabs, rows and blocks of every call: edges, dispersion, products along axes, equal rows."""

    def __init__(self, stream: Stream, tests: Tests) -> None:
        self.stream, self.tests = stream, tests
        self.pq = stream.p * (1 - stream.p)
        self.blocks: dict[str, Blocks] = defaultdict(Blocks)
        self.products: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])  # S, V, V expected
        self.twins: list[tuple[float, float]] = []

    def judge(self, edges: bool) -> None:
        stream = self.stream
        for j, one in enumerate(stream.coins):
            shape = one.call.view.seen
            if len(shape) > 1 and one.n >= 16:
                self._along_axes(j, stream.of(j), shape)
                if 0 < one.k < one.n:
                    self._count_twins(one, shape)
        self._call_after_call()
        self._in_a_row()
        self._flat_blocks()
        self.blocks["calls"].add(np.arange(len(stream.coins)), stream.size, stream.sums(stream.z).astype(np.float32))
        self.together = {kind: blocks.together() for kind, blocks in self.blocks.items()}
        if edges:
            self._check_edges()
        self._check_products()
        self._check_events()
        self._check_dispersion()

    def _along_axes(self, j: int, z: Flat, shape: tuple[int, ...]) -> None:
        stride = z.size
        kind = f", {len(shape)}-d{', large' if z.size >= LARGE else ''}"  # by which a practice differs
        for axis, d in enumerate(shape):
            stride //= d
            if d < 2:
                continue
            end = "first" if axis == 0 else "last" if axis == len(shape) - 1 else f"middle {axis}"
            box = z.reshape(-1, d, stride)
            self.blocks[f"slabs of the {end} axis"].add(j, z.size // d, box.sum((0, 2)))
            if stride > 1:
                self._multiply(f"neighbours in the {end} axis{kind}", z[:-stride], z[stride:])
            if len(shape) > 2 and axis != 1:
                self.blocks[f"fibres of the {end} axis"].add(j, d, box.sum(1).reshape(-1))
        rows = z.reshape(shape[0], -1)
        if rows.shape[1] > 1:
            self._multiply("ends of rows", rows[:, 0], rows[:, -1])
        last = shape[-1]
        if len(shape) > 2 and shape[-2] > 1:
            image = last * shape[-2]
            self.blocks["images"].add(j, image, z.reshape(-1, image).sum(1))
        low, high = PRODUCT_RATES
        if last > 1 and last + 1 < z.size and low <= self.stream.p[j] <= high:
            edge = z[1:] * z[:-1]
            self._multiply(f"corners{kind}", edge[:-last] * z[last:-1], z[last + 1 :])
        if last == shape[-2] > 1:
            square, (row, column) = z.reshape(-1, last, last), _above_diagonal(last)
            self._multiply("transposed", square[:, row, column].reshape(-1), square[:, column, row].reshape(-1))

    def _multiply(self, name: str, weights: Flat, z: Flat) -> None:
        """``weights`` are products of coins that come before those of ``z``."""
        entry = self.products[name]
        entry[0] += float(weights @ z)
        entry[1] += float(weights @ weights)
        entry[2] += z.size

    def _call_after_call(self) -> None:
        """Products of a call's coins and those at the same places in the calls before it of its layer."""
        lives: dict[int, list[Flat]] = defaultdict(list)
        low, high = PRODUCT_RATES
        for j, one in enumerate(self.stream.coins):
            z, before = self.stream.of(j), lives[one.call.layer]
            for apart, other in enumerate(before[: -APART - 1 : -1], 1):
                n = min(z.size, other.size)
                self._multiply(f"{apart} calls apart", other[:n], z[:n])
            if len(before) > 1 and low <= one.call.p <= high:
                n = min(z.size, before[-1].size, before[-2].size)
                half = "p < 1/2" if one.call.p < 0.5 else "p ≥ 1/2"
                self._multiply(f"triples of calls, {half}", before[-2][:n] * before[-1][:n], z[:n])
            if z.size > 1:
                middle = z.size // 2
                self._multiply("mirror", z[:middle], z[: -middle - 1 : -1])
                self._multiply("ends", z[:1], z[-1:])
            before.append(z)

    def _in_a_row(self) -> None:
        """Products of three coins, which change their sign with p - 1/2, and of four."""
        stream = self.stream
        inner = np.abs(stream.spread(stream.p) - 0.5) <= 0.5 - PRODUCT_RATES[0]
        for half, part in (("p < 1/2", slice(None, stream.half)), ("p ≥ 1/2", slice(stream.half, None))):
            z = stream.z[part] * inner[part]
            for a, b in ((1, 2), (1, 3), (2, 3), (2, 4)):
                if z.size > b:
                    self._multiply(f"triples 0 {a} {b}, {half}", z[:-b] * z[a : z.size - b + a], z[b:])
            if z.size > 3:
                self._multiply("four in a row", z[:-3] * z[1:-2] * z[2:-1], z[3:])

    def _flat_blocks(self) -> None:
        """Blocks of consecutive coins, wherever the calls begin; those that two calls share are left out."""
        stream, sums = self.stream, self.stream.z
        call = np.repeat(np.arange(len(stream.coins)), stream.size)
        for b in BLOCKS:
            fours = sums[: sums.size // 4 * 4]
            sums = (fours[::4] + fours[1::4]) + (fours[2::4] + fours[3::4])  # a sum along so short an axis is slow
            first, last = call[::b][: sums.size], call[b - 1 :: b][: sums.size]
            whole = first == last
            if whole.any():
                self.blocks[f"blocks of {b}"].add(first[whole], np.full(np.count_nonzero(whole), b), sums[whole])

    def _count_twins(self, one: Coins, shape: tuple[int, ...]) -> None:
        """Rows, or columns, that are equal to an earlier one of the call: each time with P ≤ max(p, q)^length."""
        m = one.kept
        for rows in (m.reshape(-1, shape[-1]), m.reshape(shape[0], -1), m.reshape(shape[0], -1).T):
            count, length = rows.shape
            rare = max(one.call.p, 1 - one.call.p) ** length * count * count / 2
            if count > 1 and rare < 1:
                packed = np.packbits(rows, axis=1)
                distinct = len(set(map(bytes, packed)))
                self.twins.append((float(count - distinct), rare))

    def _check_edges(self) -> None:
        """The first and the last slab of every axis, call by call; parity and drift along axes; all calls' ends."""
        stream, sums = self.stream, defaultdict[str, list[float]](lambda: [0.0, 0.0])
        counts: list[Any] = [np.zeros((3, 0))]
        for name, (call, per, s) in self.together.items():
            if not name.startswith("slabs"):
                continue
            start = np.flatnonzero(np.diff(call, prepend=-1))
            length = np.diff(np.append(start, s.size))
            j, n = call[start], per[start]
            inside = np.arange(s.size) - np.repeat(start, length)
            t = 2 * inside / np.repeat(length - 1, length) - 1
            for what, w in (("parity", 1.0 - 2 * (inside & 1)), ("drift", t), ("bend", 1.5 * t * t - 0.5)):
                sums[f"{what} of {name}"] = [float(w @ s), float(w * w @ per)]
            for end, at in (("first", start), ("last", start + length - 1)):
                sums[f"{end} of {name}"] = [float(s[at].sum()), float(n.sum())]
                p = stream.p[j]
                counts.append([np.round(s[at] * np.sqrt(p * (1 - p)) + n * (1 - p)), n, 1 - p])
        for end, at in (("first", stream.start), ("last", stream.start + stream.size - 1)):
            sums[end] = [float(stream.z[at].sum()), float(len(at))]
        k, n, q = np.concatenate(counts, axis=1)
        L = self.tests.nats("edges", len(sums) + len(k))
        s, v = np.array(list(sums.values())).T
        self.tests.limit("edges", np.abs(s) / (ROUNDING * bounds.bernstein(v, stream.top.max(), L)))
        self.tests.limit("edges", bounds.kl(k, n, q) / L)

    def _check_products(self) -> None:
        L = self.tests.nats("products", len(self.products))
        of_calls = bounds.nats(self.tests.share("pairs of calls") / (2 * len(FIRST) + 1), APART)
        for name, (s, v, expected) in self.products.items():
            m = 8.0 if name.startswith("triples") else 16.0 if name.startswith(("corners", "four")) else 9.0
            apart = name.endswith("calls apart")
            limit = bounds.predictable(v, m, of_calls if apart else L, expected)
            self.tests.limit("pairs of calls" if apart else "products", abs(s) / (ROUNDING * limit))

    def _check_events(self) -> None:
        """Equal rows; blocks that hold as many as the one before; calls that keep as many as the one before."""
        if self.twins:
            count, mean = np.array(self.twins).T
            self.tests.limit("twins", bounds.events(count, mean) / self.tests.nats("twins", len(self.twins)))
        found = [self._equal_calls()]
        for name, (call, per, sums) in self.together.items():
            if name == "calls":
                continue
            variance = np.zeros(len(self.stream.coins))
            variance[call] = per * self.pq[call]
            most = bounds.likeliest(variance)[call[1:]]
            next_to = (call[1:] == call[:-1]) & (most < 0.3)
            same = np.abs(np.diff(sums)) < 1e-2  # one coin more is 2 or more
            found.append((float(np.count_nonzero(same & next_to)), float(most @ next_to)))
        count, mean = np.array(found).T
        self.tests.limit("equal counts", bounds.events(count, mean) / self.tests.nats("equal counts", len(found)))

    def _equal_calls(self) -> tuple[float, float]:
        most = bounds.likeliest(self.stream.v)
        equal, expected, last = 0.0, 0.0, dict[int, Coins]()
        for j, one in enumerate(self.stream.coins):
            before = last.get(one.call.layer)
            if before is not None and before.n == one.n and most[j] < 0.3:
                equal += before.k == one.k
                expected += float(most[j])
            last[one.call.layer] = one
        return equal, expected

    def _check_dispersion(self) -> None:
        """Σ S²/n of blocks, in every pocket of calls, from above and from below."""
        stream, tests = self.stream, self.tests
        calls = len(stream.coins)
        q, blocks, variance = np.zeros((3, calls, len(self.together)))
        for kind, (call, per, sums) in enumerate(self.together.values()):
            q[:, kind] = np.bincount(call, sums * sums / per, calls)
            blocks[:, kind] = np.bincount(call, minlength=calls)
            variance[call, kind] = per * self.pq[call]
        table, count = stream.table, len(stream.table) * len(self.together)
        above, n = table @ q, table @ blocks
        upper = bounds.clustered(table, blocks, bounds.sub_gaussian(stream.p), tests.nats("clustered", count))
        tests.limit("clustered", np.where(n > 0, (above - n) / (ROUNDING * (upper - n) + 1e-9), 0))
        low = tests.nats("regular", count * bounds.LOWER.size)
        lam = bounds.regular(variance) * blocks[:, :, None]
        below = (table @ lam.reshape(calls, -1)).reshape(len(table), len(self.together), -1)
        tests.limit("regular", (-above[:, :, None] * bounds.LOWER - below).max(2) / (ROUNDING * low))
