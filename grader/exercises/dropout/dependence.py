"""R6: do the coins follow something, or one another? Weighted sums, neighbours, and every two calls.

Sums are pooled over all calls and over every pocket of a coordinate (``coins.Pockets``). Products pair a coin with
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
from grader.exercises.dropout.stream import FIRST, Flat, Stream, Sums

ROW = 2048  # coins in a ring of the autocorrelation
RINGS = [
    (ROW // math.gcd(ROW, k)).bit_length() - 2 for k in range(1, ROW // 2 + 1)
]  # lag k's: ROW/gcd is 2 to the 1 + …
POCKET_LAGS = (1, 2)  # that are looked at in every pocket of calls
NEAR = 16  # lags that are looked at in all calls, short ones too
CLIPPED, LARGE = 4.0, 3.0  # standard deviations of x, where the coins might follow it or its size
LEGENDRE = np.array(
    [[0, 1, 0, 0, 0], [-0.5, 0, 1.5, 0, 0], [0, -1.5, 0, 2.5, 0], [0.375, 0, -3.75, 0, 4.375]]
)  # coefficients of 1, t, … t⁴


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
    at_places, along_x = _at_places(stream), _along_x(stream)
    s, v = (np.concatenate(each).T for each in zip(at_places[:2], along_x[:2], strict=True))
    most = np.array(at_places[2] + along_x[2]) * stream.top.max()
    S, V = stream.table @ s, stream.table @ v
    L = tests.nats("contrasts", S.size)
    ratios = np.abs(S) / (bounds.ROUNDING * bounds.bernstein(V, most, L) + 1e-3)
    tests.limit("contrasts", ratios)
    columns = np.array(["drift", *["position"] * 5, *["x"] * 9, *["size of x"] * 3])
    for kind in ("drift", "position", "x", "size of x"):  # by which it is told
        tests.limit(f"contrasts: {kind}", ratios[:, columns == kind])


Contrasts = tuple[
    list[Sums], list[Sums], list[float]
]  # each one's sums and energies for every call; its largest weight


def _at_places(stream: Stream) -> Contrasts:
    """Legendre's polynomials of the place in a call up to the fourth; parity of the place, and of the sum of indices
    in more than one dimension. The energies are exact: what odd numbers' even powers sum up to is a polynomial."""
    z, n, t = stream.z, stream.size.astype(np.float64), stream.places()
    moments, product = [stream.sums(z)], z
    for _ in range(4):
        product = product * t
        moments.append(stream.sums(product))
    r = 1 / (n * n)
    power = np.zeros((9, n.size))  # sums of t, whose places are odd numbers over n
    power[0], each = n, n * (1 - r)
    power[2::2] = (
        each / 3,
        each * (3 - 7 * r) / 15,
        each * (3 + r * (-18 + 31 * r)) / 21,
        each * (5 + r * (-55 + r * (239 - 381 * r))) / 45,
    )
    squares = power[np.add.outer(np.arange(5), np.arange(5))]
    energies = np.einsum("ka,kb,abj->kj", LEGENDRE, LEGENDRE, squares)
    signs = np.ones(z.size, np.float32)
    signs[1::2] = -1
    parity = stream.sums(z * signs) * (1 - 2 * (stream.start & 1))
    board = np.zeros(n.size)
    several = np.array([len(one.call.view.seen) > 1 for one in stream.coins])  # in one dimension it is parity
    for j in np.flatnonzero(several).tolist():
        left = stream.of(j)
        for d in stream.coins[j].call.view.seen[::-1]:
            left = left.reshape(-1, d).dot(signs[:d]) if d > 1 else left
        board[j] = left.item()
    return [*LEGENDRE @ np.stack(moments), parity, board], [*energies, n, n * several], [1.0] * 6


def _along_x(stream: Stream) -> Contrasts:
    """x and its neighbours, its sign and its size, the last two about their mean: so a fraction that is off is no
    dependence. At a call's ends the numbers next to it come in."""
    z, x = stream.z, _standardised(stream)
    size = np.minimum(np.abs(x), LARGE)
    total = stream.sums(z)
    s, v, most = [], [], []
    for w, largest, shifts, centred in (
        (x, CLIPPED, (0, -3, -2, -1, 1, 2, 3), False),
        (x * size, CLIPPED * LARGE, (0,), True),
        (np.sign(x), 1.0, (0,), True),
        (size, LARGE, (0, -1, 1), True),
    ):
        mean = stream.sums(w) / stream.size * centred
        energy = np.maximum(stream.sums(w * w) - stream.size * mean * mean, 0.0)
        beyond = largest + (0 if w is size else float(np.abs(mean).max()))
        for k in shifts:
            s.append((stream.shifted(w, k) if k else stream.sums(z * w)) - mean * total)
            v.append(energy + abs(k) * largest**2)
            most.append(beyond)
    return s, v, most


def _standardised(stream: Stream) -> Flat:
    """x about each call's mean, in its standard deviations; 0 where a call's numbers are all the same."""
    x = np.concatenate([one.x for one in stream.coins], dtype=np.float32, casting="unsafe")
    x *= stream.spread(1 / np.maximum.reduceat(np.abs(x), stream.start))
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
    near = [abs(float(z[k:].dot(z[:-k]))) for k in range(1, min(NEAR, z.size - 1) + 1)]
    tests.limit("lags", np.array(near) / (bounds.ROUNDING * bounds.predictable(v, m, n, expected)))
    energy = stream.table @ (stream.sums(z * z) + max(POCKET_LAGS) * m)  # with coins of the call before
    limits = bounds.ROUNDING * bounds.predictable(energy, m, n, stream.table @ stream.size)
    for k in POCKET_LAGS:
        tests.limit("lags", np.abs(stream.table @ stream.shifted(z, -k)) / limits)
    use = [j for j, size in enumerate(stream.size) if size >= ROW]
    if use:
        rows = np.concatenate([stream.of(j)[: stream.size[j] // ROW * ROW].reshape(-1, ROW) for j in use])
        f = np.fft.rfft(rows, axis=1).view(np.float32)
        power = np.einsum("ij,ij->j", f, f).reshape(-1, 2).sum(1)
        lags = np.fft.irfft(power, ROW)[1 : ROW // 2 + 1]
        limits = bounds.circular(stream.p[use], stream.size[use] // ROW, ROW, n)
        tests.limit("lags", np.abs(lags) / (bounds.ROUNDING * limits[RINGS]))


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
            tests.limit("pairs of calls", np.abs(together) / (bounds.ROUNDING * limits))
