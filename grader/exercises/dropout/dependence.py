"""R6: do the coins follow something, or one another? Weighted sums, neighbours, and every two calls.

Sums are pooled over all calls and over every pocket of a coordinate (``coins.pockets``). Products pair a coin with
earlier ones, so that every statistic is a sum of z_i with weights that are known before the coin is tossed. What looks
at an array's axes is in ``shapes``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from grader.exercises.dropout import bounds
from grader.exercises.dropout.coins import Table, Tests
from grader.exercises.dropout.exact import Coins
from grader.exercises.dropout.shapes import Shapes
from grader.exercises.dropout.stream import FIRST, ROUNDING, Flat, Stream

ROW = 2048  # coins in a ring of the autocorrelation
RINGS = [
    (ROW // math.gcd(ROW, k)).bit_length() - 2 for k in range(1, ROW // 2 + 1)
]  # lag k's: ROW/gcd is 2 to the 1 + …
POCKET_LAGS = (1, 2)  # that are looked at in every pocket of calls
NEAR = 16  # lags that are looked at in all calls, short ones too
CLIPPED = 4.0  # standard deviations of x, where the coins might follow it


def check_dependence(coins: Sequence[Coins], table: Table, tests: Tests, flat: bool = False) -> None:
    """``flat``: about each call's own mean and drift, to see what is related by itself."""
    stream = Stream(coins, table)
    if not stream.coins:
        return
    if flat:
        stream.flatten()
    _check_contrasts(stream, tests)
    shapes = Shapes(stream, tests)
    shapes.judge(edges=not flat)
    _check_lags(stream, tests)
    _check_pairs(stream, tests)


# --- follows something -----------------------------------------------------------------------------------------------


def _check_contrasts(stream: Stream, tests: Tests) -> None:
    """Weighted sums: position, parity, x itself, its sign and size, and its neighbours."""
    t, x = stream.places(), _standardised(stream)
    t2 = t * t
    size = np.minimum(np.abs(x), 3.0)
    signed, side = x * size, np.sign(x)
    for w in (size, signed, side):  # about the mean, so that a fraction that is off is no dependence
        w -= stream.spread(stream.sums(w) / stream.size)
    parity = np.ones_like(t)
    parity[1::2] = -1
    parity *= stream.spread(1.0 - 2 * (stream.start & 1))
    at_places = [t, 1.5 * t2 - 0.5, t * (2.5 * t2 - 1.5), (4.375 * t2 - 3.75) * t2 + 0.375, parity]
    at_places.append(_checkerboard(stream))
    kinds: list[tuple[str, Flat, tuple[int, ...]]] = [("position", w, (0,)) for w in at_places]
    kinds[0] = ("drift", t, (0,))
    kinds += [
        ("x", x, (0, -3, -2, -1, 1, 2, 3)),
        ("size of x", size, (0, -1, 1)),
        ("x", signed, (0,)),
        ("x", side, (0,)),
    ]
    s, v, most = [], [], []
    for _, w, shifts in kinds:
        energy, largest = stream.sums(w * w), float(np.abs(w).max())
        for k in shifts:
            s.append(stream.sums(stream.z * w) if not k else stream.shifted(w, k))
            v.append(energy + abs(k) * largest**2)  # at a call's ends its neighbour's numbers come in
            most.append(largest * stream.top.max())
    S, V = stream.table @ np.stack(s, 1), stream.table @ np.stack(v, 1)
    L = tests.nats("contrasts", S.size)
    ratios = np.abs(S) / (ROUNDING * bounds.bernstein(V, np.array(most), L) + 1e-3)
    tests.limit("contrasts", ratios)
    columns = np.repeat([kind for kind, _, _ in kinds], [len(shifts) for *_, shifts in kinds])
    for kind in ("drift", "position", "x", "size of x"):  # by which it is told
        tests.limit(f"contrasts: {kind}", ratios[:, columns == kind])


def _checkerboard(stream: Stream) -> Flat:
    """1 where the sum of the indices is even and -1 where it is odd; 0 in one dimension, which parity looks at."""
    signs = np.zeros_like(stream.z)
    for one, start in zip(stream.coins, stream.start.tolist(), strict=True):
        shape = one.call.view.seen
        if len(shape) > 1:
            board = np.ones(1, np.float32)
            for d in shape:
                line = np.ones(d, np.float32)
                line[1::2] = -1
                board = np.outer(board, line).reshape(-1)
            signs[start : start + one.n] = board
    return signs


def _standardised(stream: Stream) -> Flat:
    """x about each call's mean, in its standard deviations; 0 where a call's numbers are all the same."""
    scaled = []
    for one in stream.coins:
        x = one.x.astype(np.float32) if one.call.view.dtype == "<f4" else one.x
        scaled.append((x / np.abs(x).max()).astype(np.float32))
    x = np.concatenate(scaled)
    x -= stream.spread(stream.sums(x) / stream.size)
    sd = np.sqrt(stream.sums(x * x) / stream.size)
    x *= stream.spread(np.where(sd > 1e-5, 1 / np.maximum(sd, 1e-5), 0))
    return np.clip(x, -CLIPPED, CLIPPED, out=x)


# --- neighbours and relatives ----------------------------------------------------------------------------------------


def _check_lags(stream: Stream, tests: Tests) -> None:
    """Near neighbours in all calls; all lags in rows of the long ones, closed to rings; three and four in a row."""
    z, expected = stream.z, float(stream.z.size)
    n = tests.nats("lags", NEAR + ROW // 2 + len(POCKET_LAGS) * len(stream.table))
    v = float(z @ z)
    m = float(stream.top.max()) ** 2
    near = [abs(float(z[k:] @ z[:-k])) for k in range(1, min(NEAR, z.size - 1) + 1)]
    tests.limit("lags", np.array(near) / (ROUNDING * bounds.predictable(v, m, n, expected)))
    energy = stream.table @ (stream.sums(z * z) + max(POCKET_LAGS) * m)  # with coins of the call before
    limits = ROUNDING * bounds.predictable(energy, m, n, stream.table @ stream.size)
    for k in POCKET_LAGS:
        tests.limit("lags", np.abs(stream.table @ stream.shifted(z, -k)) / limits)
    use = [j for j, size in enumerate(stream.size) if size >= ROW]
    if use:
        rows = np.concatenate([stream.of(j)[: stream.size[j] // ROW * ROW].reshape(-1, ROW) for j in use])
        f = np.fft.rfft(rows, axis=1)
        power = np.einsum("ij,ij->j", f, f.conj()).real
        lags = np.fft.irfft(power, ROW)[1 : ROW // 2 + 1]
        p = np.repeat(stream.p[use], stream.size[use] // ROW)
        limits = bounds.circular(p, ROW, n)
        tests.limit("lags", np.abs(lags) / (ROUNDING * limits[RINGS]))


def _check_pairs(stream: Stream, tests: Tests) -> None:
    """Every two calls by their first coins and by their last; one call and the next of its layer by their counts."""
    for width in FIRST:
        fit = np.flatnonzero(stream.size >= width)
        if len(fit) < 2:
            continue
        L = bounds.nats(tests.share("pairs of calls") / (2 * len(FIRST) + 1), len(fit) ** 2 // 2)
        limits = bounds.bernstein(width, np.outer(top := stream.top[fit].astype(np.float32), top), L)
        for part in (slice(None, width), slice(-width, None)):
            a = np.stack([stream.of(j)[part] for j in fit.tolist()])
            together = a @ a.T
            np.fill_diagonal(together, 0)
            tests.limit("pairs of calls", np.abs(together) / (ROUNDING * limits))
