"""Rollouts as a trainer writes them down, an object a line, and what they say about each level: for people."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from grader.errors import UsageError
from grader.report import figures
from grader.rl.calibrate import BAND, ENOUGH, Calibration, Rollout
from grader.rl.rewards import RewardPool

HEADS = ("model", "level", "rollouts", "masked", "tasks", "rate", "95 % interval", "pass@k", "mixed of 8", "verdict")
MOST_MISTAKES = 5


def read(path: Path, jobs: int | None = None) -> list[Rollout]:
    """The rollouts of a file, in its order; those that have an answer and no reward are graded first.

    Each line: ``model``, ``level``, ``seed``, ``index``, and ``reward`` (1, 0, or null where the grader failed), or
    ``answer`` (the source of the instance's first file) or ``files`` (by name); ``diagnosis`` if it is known. Raises
    ``UsageError`` with the number of the first line that is none of that.
    """
    try:
        with path.open(encoding="utf-8") as lines:
            rows = [_row(line, number) for number, line in enumerate(lines, 1) if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error
    except ValueError as error:
        raise UsageError(f"{path}, {error}") from error
    todo = [row for row in rows if "reward" not in row]
    if todo:
        with RewardPool(jobs) as pool:
            answers = [row.get("files", row.get("answer", "")) for row in todo]
            tasks = zip(*(row["task"] for row in todo), strict=True)
            for row, judged in zip(todo, pool.judgements(answers, *tasks), strict=True):
                row.update(reward=judged.value, diagnosis=judged.diagnosis)
    return [Rollout(row["model"], row["task"], row["reward"], row.get("diagnosis", "")) for row in rows]


def _row(line: str, number: int) -> dict[str, Any]:
    """Raises ``ValueError`` that says what is wrong with it."""
    try:
        row = json.loads(line)
    except ValueError as error:
        raise ValueError(f"line {number} is no JSON: {error}") from error
    if not isinstance(row, dict):
        raise ValueError(f"line {number} is no object")
    for name, kind in (("model", str), ("level", str), ("seed", int), ("index", int)):
        if type(row.get(name)) is not kind:
            raise ValueError(f"line {number}: {name!r} is missing, or not {'a text' if kind is str else 'an integer'}")
    if "reward" in row:
        if row["reward"] not in (0, 1, None):
            raise ValueError(f"line {number}: a reward is 1, 0 or null, not {row['reward']!r}")
        row["reward"] = None if row["reward"] is None else float(row["reward"])
    elif not (isinstance(row.get("answer"), str) or _are_files(row.get("files"))):
        raise ValueError(f"line {number} has no 'reward', no 'answer' (a text) and no 'files' (texts by name)")
    row["task"] = (row["level"], row["seed"], row["index"])
    return row


def _are_files(files: object) -> bool:
    return isinstance(files, dict) and all(isinstance(text, str) for text in files.values())


# --- shown ---------------------------------------------------------------------------------------------------------


def table(found: Sequence[Calibration]) -> Iterator[str]:
    """Lines for a terminal: a row for each model and level, and below it what went wrong."""
    rows = [HEADS, *(_cells(each) for each in found)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for each, row in zip((None, *found), rows, strict=True):
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        if each is not None and each.mistakes:
            named = ", ".join(f"{count} {name}" for name, count in each.mistakes[:MOST_MISTAKES])
            rest = sum(count for _, count in each.mistakes[MOST_MISTAKES:])
            yield f"    went wrong: {named}{f', {rest} others' if rest else ''}"


def _cells(found: Calibration) -> tuple[str, ...]:
    passes = " ".join(f"{k}: {_percent(rate)}" for k, rate in found.pass_at.items() if k > 1)
    counts = (str(found.rollouts), str(found.masked), str(found.tasks))
    span = f"{_percent(found.low)} – {_percent(found.high)}"
    beyond = "" if found.sure or found.rollouts == 0 else " (the interval reaches beyond)"
    short = f" ({found.rollouts} of {ENOUGH})" if found.rollouts < ENOUGH else ""
    verdict = f"{found.verdict}{short or beyond}"
    rates = (_percent(found.rate), span, passes or "–", _percent(found.mixed))
    return (found.model, found.level, *counts, *rates, verdict)


def _percent(rate: float) -> str:
    return f"{rate:.0%}" if math.isfinite(rate) else "–"


def as_json(found: Calibration) -> str:
    """One line, with what is not a number as null."""
    values: Mapping[str, Any] = {**asdict(found), "verdict": found.verdict, "sure": found.sure}
    return json.dumps({name: None if _is_nan(value) else value for name, value in values.items()}, ensure_ascii=False)


def _is_nan(value: object) -> bool:
    return isinstance(value, float) and math.isnan(value)


def plot(found: Iterable[Calibration], target: Path) -> None:
    """Every rate with its interval, against the band; SVG."""
    rows = [(f"{each.model} · {each.level}", each.rate, each.low, each.high) for each in found if each.rollouts]
    title = f"Pass rates with 95 % intervals, against the band from {BAND[0]:.0%} to {BAND[1]:.0%}"
    text = "; ".join(f"{name}: {rate:.0%} ({low:.0%} to {high:.0%})" for name, rate, low, high in rows)
    target.write_bytes(figures.render(figures.rates(rows, BAND, title), "svg", title, text))
