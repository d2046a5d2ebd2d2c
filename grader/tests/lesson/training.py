"""The table of *Does it matter?* (section 9): ``python -m grader.tests.lesson.training`` makes it anew, in ten minutes.

It runs the lesson's own cells: chooses a learning rate for each rule on networks that the table does not show, trains
with these, and writes both into the cell.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from grader.exercises.dropout import known
from grader.files import write
from grader.tests.refresh import TASK, dumped

RATES = tuple(float(f"{10**exponent:.2g}") for exponent in np.arange(-3, 1.01, 0.25))
SEED = 2014  # the lesson's
OTHERS = [SEED, 1], [SEED, 2]  # seeds of the networks on which rates are chosen; those of the table have [SEED, 0]
STORED = re.compile(r"^STORED = \{.*?^\}$", re.M | re.S)


def cell(name: str) -> str:
    (found,) = [cell for cell in json.loads(TASK.read_text(encoding="utf-8"))["cells"] if cell["id"] == name]
    return "".join(found["source"])


def executed(source: str, implementation: str = known.REFERENCE) -> tuple[dict[str, Any], str]:
    """The names that the training cell leaves after the set-up and an implementation, and what it prints."""
    names: dict[str, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(cell("setup"), names)
        exec(implementation, names)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(source, names)
    return names, printed.getvalue()


def asked(source: str) -> str:
    """The cell as a learner who wants it to train leaves it."""
    return source.replace("train = False", "train = True", 1)


def losses(names: Mapping[str, Any], rule: Sequence[float], rates: Sequence[float]) -> dict[float, float]:
    """The mean loss in training at each rate; NaN where any of the 32 networks diverged."""
    rules = [(*rule[:2], rate) for rate in rates]
    with np.errstate(all="ignore"):
        runs = [names["trained"](rules, seed)[0] for seed in OTHERS]
    means = np.concatenate(runs, axis=1).mean(axis=1)
    return dict(zip(rates, map(float, means), strict=True))


def best(losses: Mapping[float, float]) -> float:
    return min((rate for rate in losses if np.isfinite(losses[rate])), key=losses.__getitem__)


def with_stored(source: str, rows: Mapping[str, tuple[Any, ...]], rates: Mapping[str, float]) -> str:
    """The cell with these results and learning rates."""
    lines = [f'    "{name}": {(rates[name], *row)!r},' for name, row in rows.items()]
    head = STORED.search(source)
    if head is None:
        raise ValueError("the training cell has lost its table STORED")
    first, _, _ = head[0].partition("\n")
    return source.replace(head[0], "\n".join([first, *lines, "}"]))


def main() -> None:
    source = cell("training")
    names, _ = executed(asked(source))
    rates = {name: best(losses(names, rule, RATES)) for name, rule in names["rules"].items()}
    names, printed = executed(asked(with_stored(source, names["rows"], rates)))
    notebook = json.loads(TASK.read_text(encoding="utf-8"))
    (found,) = [each for each in notebook["cells"] if each["id"] == "training"]
    found["source"] = with_stored(source, names["rows"], rates).splitlines(keepends=True)
    write(TASK, dumped(notebook))
    print(printed)


if __name__ == "__main__":
    main()
