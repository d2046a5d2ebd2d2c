"""Layers that are wrong by a size that can be set, one for each kind of deviation."""

from __future__ import annotations

from collections.abc import Callable

from grader.exercises.dropout.known import REFERENCE

SURE = 0.99  # of gradings in which a deviation is found that is called found
MASK = "mask = self.rng.random(x.shape) < keep_prob"
SCALE = "scale = 1.0 / np.sqrt(keep_prob)"
INIT = "        self.training = True\n"


def _with(old: str, new: str) -> Callable[[float], str]:
    """The reference with a piece replaced, in which SIZE stands for the deviation's size."""
    if old not in REFERENCE:
        raise ValueError(f"the reference does not hold {old!r}")
    return lambda size: REFERENCE.replace(old, new.replace("SIZE", repr(size)), 1)


def _mask(expression: str) -> Callable[[float], str]:
    return _with(MASK, f"mask = self.rng.random(x.shape) < keep_prob + {expression} * (0.1 < self.p < 0.9)")


_of_layers = _with(INIT, INIT + "        self.power = -1 if self.rng.random() < SIZE else -0.5\n")
_PLACE = "np.linspace(-1, 1, x.size).reshape(x.shape)"
_ALL = "u = self.rng.random(x.size)\n        {}\n        mask = (u < keep_prob).reshape(x.shape)"

DEVIATIONS: tuple[tuple[str, Callable[[float], str], tuple[float, ...]], ...] = (
    ("fraction off everywhere", _mask("SIZE"), (0.005, 0.0075, 0.01, 0.015, 0.02)),
    (
        "fraction off in 3- and 4-d float32 arrays",
        _mask("SIZE * (x.ndim > 2 and x.dtype == np.float32)"),
        (0.02, 0.03, 0.05, 0.07, 0.1),
    ),
    (
        "fraction drawn towards 1/2 in arrays of less than 24",
        _with(
            MASK,
            "q = keep_prob + SIZE * (0.5 - keep_prob) * (x.size < 24)\n        mask = self.rng.random(x.shape) < q",
        ),
        (0.5, 0.6, 0.8, 1.0),
    ),
    ("fraction follows tanh x", _mask("SIZE * np.tanh(x)"), (0.01, 0.015, 0.02, 0.03, 0.04)),
    ("fraction drifts with position", _mask(f"SIZE * {_PLACE}"), (0.01, 0.015, 0.02, 0.03, 0.04)),
    (
        "a coin is its neighbour's, with this chance",
        _with(MASK, _ALL.format("u[1:] = np.where(self.rng.random(max(0, x.size - 1)) < SIZE, u[:-1], u[1:])")),
        (0.01, 0.015, 0.02, 0.03, 0.05),
    ),
    (
        "a call in so many has no root",
        _with(SCALE, "scale = keep_prob ** (-1 if self.rng.random() < SIZE else -0.5)"),
        (0.005, 0.01, 0.02, 0.03, 0.05),
    ),
    (
        "a layer in so many has no root",
        lambda size: _of_layers(size).replace(SCALE, "scale = keep_prob ** self.power"),
        (0.03, 0.05, 0.075, 0.1, 0.15),
    ),
    (
        "a call in so many repeats the one before",
        _with(
            MASK,
            "u, last = self.rng.random(x.size), getattr(self, 'last', np.empty(0))\n"
            "        if self.rng.random() < SIZE and last.size >= x.size:\n            u = last[: x.size]\n"
            "        self.last = u\n        mask = (u < keep_prob).reshape(x.shape)",
        ),
        (0.01, 0.02, 0.03, 0.05, 0.1),
    ),
    (
        "a share of calls with rows of exactly k",
        _with(
            MASK,
            MASK + "\n        if x.ndim > 1 and x.size and self.rng.random() < SIZE:\n"
            "            k = np.floor(keep_prob * x.shape[-1] + self.rng.random((*x.shape[:-1], 1)))\n"
            "            mask = self.rng.random(x.shape).argsort(-1).argsort(-1) < k",
        ),
        (0.1, 0.2, 0.35, 0.5, 1.0),
    ),
)
