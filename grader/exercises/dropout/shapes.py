"""R6: do coins follow their places in an array? Sums over slabs, rows and blocks of every call.

Edges, products along axes and from one call of a layer to the next, equal rows, equal counts, and dispersion from above
and from below.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from grader.exercises.dropout import bounds
from grader.exercises.dropout.coins import Tests
from grader.exercises.dropout.exact import Coins
from grader.exercises.dropout.stream import FIRST, Flat, Stream

PRODUCT_RATES = (0.2, 0.8)  # for products of three and four coins: |z| ≤ 2
LARGE = 4000  # numbers in a call
APART = 2  # calls of a layer that are compared with the one before, and so many more
BLOCKS = (4, 16, 64, 256, 1024)  # each four of the one before


@lru_cache(maxsize=32)
def _off_diagonal(d: int) -> tuple[Any, Any]:
    """Where a square's elements above its diagonal lie, and their mirror images."""
    row, column = np.triu_indices(d, 1)
    return row * d + column, column * d + row


class Blocks(NamedTuple):
    """Sums over blocks of coins of one kind. For each call with such blocks: which it is, how many coins a block has
    and how many blocks there are; ``sums`` of one call after another."""

    call: npt.NDArray[np.int64]
    per: npt.NDArray[np.int64]
    number: npt.NDArray[np.int64]
    sums: Flat

    @classmethod
    def together(cls, parts: Sequence[tuple[int, int, Flat]]) -> Blocks:
        """``parts``: of each call its number, the coins of a block, and the sums."""
        call, per, number = np.array([(j, per, sums.size) for j, per, sums in parts]).T
        return cls(call, per, number, np.concatenate([sums for _, _, sums in parts]))

    @property
    def start(self) -> npt.NDArray[np.int64]:
        return np.cumsum(self.number) - self.number


class Shapes:
    """Sums over slabs, rows and blocks of every call: edges, dispersion, products along axes, equal rows."""

    def __init__(self, stream: Stream, tests: Tests) -> None:
        self.stream, self.tests = stream, tests
        self.pq = stream.p * (1 - stream.p)
        self.products: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])  # S, V, V expected
        self.twins: list[tuple[float, float]] = []
        self._parts: dict[str, list[tuple[int, int, Flat]]] = defaultdict(list)
        self._ones = np.ones(stream.size.max(), np.float32)

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
        self.blocks = {kind: Blocks.together(parts) for kind, parts in self._parts.items()}
        self._flat_blocks()
        calls = np.arange(len(stream.coins))
        self.blocks["calls"] = Blocks(calls, stream.size, np.ones_like(calls), stream.sums(stream.z).astype(np.float32))
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
            fibres = len(shape) > 2 and axis != 1
            self._parts[f"slabs of the {end} axis"].append((j, z.size // d, self._sums(self._sums(z, stride), -d)))
            if stride > 1:
                self._multiply(f"neighbours in the {end} axis{kind}", z[:-stride], z[stride:])
            if fibres and axis == 0:
                self._parts["fibres of the first axis"].append((j, d, self._sums(z, -stride)))
            elif fibres:
                each = z.reshape(-1, d, stride).sum(1).reshape(-1) if stride > 1 else self._sums(z, d)
                self._parts[f"fibres of the {end} axis"].append((j, d, each))
        rows = z.reshape(shape[0], -1)
        if rows.shape[1] > 1:
            self._multiply("ends of rows", rows[:, 0], rows[:, -1])
        last = shape[-1]
        if len(shape) > 2 and shape[-2] > 1:
            self._parts["images"].append((j, last * shape[-2], self._sums(z, last * shape[-2])))
        low, high = PRODUCT_RATES
        if last > 1 and last + 1 < z.size and low <= self.stream.p[j] <= high:
            edge = z[1:] * z[:-1]
            self._multiply(f"corners{kind}", edge[:-last] * z[last:-1], z[last + 1 :])
        if last == shape[-2] > 1:
            above, below = (z.reshape(-1, last * last).take(at, 1).reshape(-1) for at in _off_diagonal(last))
            self._multiply("transposed", above, below)

    def _sums(self, z: Flat, width: int) -> Flat:
        """Of rows of this width; with a negative one, of its columns. Linear algebra is quicker than ``sum``."""
        if width == 1:
            return z
        table = z.reshape(-1, abs(width))
        sums: Flat = table.dot(self._ones[:width]) if width > 0 else self._ones[: len(table)].dot(table)
        return sums

    def _multiply(self, name: str, weights: Flat, z: Flat) -> None:
        """``weights`` are products of coins that come before those of ``z``."""
        entry = self.products[name]
        entry[0] += float(weights.dot(z))  # which takes half as long as @
        entry[1] += float(weights.dot(weights))
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
            before.append(z)
        long = self.stream.size > 1
        first, last = self.stream.start[long], (self.stream.start + self.stream.size)[long] - 1
        self._multiply("ends", self.stream.z[first], self.stream.z[last])

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
        call = np.repeat(np.arange(len(stream.coins), dtype=np.int32), stream.size)
        for b in BLOCKS:
            fours = sums[: sums.size // 4 * 4]
            sums = (fours[::4] + fours[1::4]) + (fours[2::4] + fours[3::4])  # a sum along so short an axis is slow
            first, last = call[::b][: sums.size], call[b - 1 :: b][: sums.size]
            whole = first == last
            if whole.any():
                count = np.bincount(first[whole])
                calls = np.flatnonzero(count)
                self.blocks[f"blocks of {b}"] = Blocks(calls, np.full_like(calls, b), count[calls], sums[whole])

    def _count_twins(self, one: Coins, shape: tuple[int, ...]) -> None:
        """Rows, or columns, that are equal to an earlier one of the call: each time with P ≤ max(p, q)^length."""
        m, columns = one.kept.reshape(shape[0], -1), one.kept.reshape(-1, shape[-1])
        strings = [(m, 1), (m, 0)] if len(shape) == 2 else [(columns, 1), (m, 1), (m, 0)]
        for coins, axis in strings:
            length, count = coins.shape[axis], coins.shape[1 - axis]
            rare = max(one.call.p, 1 - one.call.p) ** length * count * count / 2
            if count > 1 and rare < 1:
                packed = np.packbits(coins, axis=axis)
                packed = packed if axis else np.ascontiguousarray(packed.T)
                # as texts of one length, of which only zeros at their ends are lost
                distinct = len(set(packed.view(f"S{packed.shape[1]}").reshape(-1).tolist()))
                self.twins.append((float(count - distinct), rare))

    def _check_edges(self) -> None:
        """The first and the last slab of every axis, call by call; parity and drift along axes; all calls' ends."""
        stream, sums = self.stream, defaultdict[str, list[float]](lambda: [0.0, 0.0])
        counts: list[Any] = [np.zeros((3, 0))]
        for name, blocks in self.blocks.items():
            if not name.startswith("slabs"):
                continue
            s, n, length, start = blocks.sums, blocks.per, blocks.number, blocks.start
            inside = np.arange(s.size) - np.repeat(start, length)
            t = 2 * inside / np.repeat(length - 1, length) - 1
            per, p = np.repeat(n, length), stream.p[blocks.call]
            for what, w in (("parity", 1.0 - 2 * (inside & 1)), ("drift", t), ("bend", 1.5 * t * t - 0.5)):
                sums[f"{what} of {name}"] = [float(w @ s), float(w * w @ per)]
            for end, at in (("first", start), ("last", start + length - 1)):
                sums[f"{end} of {name}"] = [float(s[at].sum()), float(n.sum())]
                counts.append([np.round(s[at] * np.sqrt(p * (1 - p)) + n * (1 - p)), n, 1 - p])
        for end, at in (("first", stream.start), ("last", stream.start + stream.size - 1)):
            sums[end] = [float(stream.z[at].sum()), float(len(at))]
        k, n, q = np.concatenate(counts, axis=1)
        L = self.tests.nats("edges", len(sums) + len(k))
        s, v = np.array(list(sums.values())).T
        self.tests.limit("edges", np.abs(s) / (bounds.ROUNDING * bounds.bernstein(v, stream.top.max(), L)))
        self.tests.limit("edges", bounds.kl(k, n, q) / L)

    def _check_products(self) -> None:
        L = self.tests.nats("products", len(self.products))
        of_calls = bounds.nats(self.tests.share("pairs of calls") / (2 * len(FIRST) + 1), APART)
        for name, (s, v, expected) in self.products.items():
            m = 8.0 if name.startswith("triples") else 16.0 if name.startswith(("corners", "four")) else 9.0
            apart = name.endswith("calls apart")
            limit = bounds.predictable(v, m, of_calls if apart else L, expected)
            self.tests.limit("pairs of calls" if apart else "products", abs(s) / (bounds.ROUNDING * limit))

    def _check_events(self) -> None:
        """Equal rows; blocks that hold as many as the one before; calls that keep as many as the one before."""
        if self.twins:
            count, mean = np.array(self.twins).T
            self.tests.limit("twins", bounds.events(count, mean) / self.tests.nats("twins", len(self.twins)))
        found = [self._equal_calls()]
        for name, blocks in self.blocks.items():
            if name == "calls":
                continue
            most = bounds.likeliest(blocks.per * self.pq[blocks.call])
            rare = most < 0.3
            same = np.abs(np.diff(blocks.sums)) < 1e-2  # one coin more is 2 or more
            same[blocks.start[1:] - 1] = False  # of two calls
            same &= np.repeat(rare, blocks.number)[1:]
            found.append((float(np.count_nonzero(same)), float((most * rare) @ (blocks.number - 1))))
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
        q, blocks, variance = np.zeros((3, calls, len(self.blocks)))
        for kind, of in enumerate(self.blocks.values()):
            q[of.call, kind] = np.add.reduceat(of.sums * of.sums, of.start) / of.per
            blocks[of.call, kind] = of.number
            variance[of.call, kind] = of.per * self.pq[of.call]
        table, count = stream.table, len(stream.table) * len(self.blocks)
        above, n = table @ q, table @ blocks
        upper = bounds.clustered(table, blocks, bounds.sub_gaussian(stream.p), tests.nats("clustered", count))
        tests.limit("clustered", np.where(n > 0, (above - n) / (bounds.ROUNDING * (upper - n) + 1e-9), 0))
        low = tests.nats("regular", count * bounds.LOWER.size)
        lam = bounds.regular(variance) * blocks[:, :, None]
        below = (table @ lam.reshape(calls, -1)).reshape(len(table), len(self.blocks), -1)
        tests.limit("regular", (-above[:, :, None] * bounds.LOWER - below).max(2) / (bounds.ROUNDING * low))
