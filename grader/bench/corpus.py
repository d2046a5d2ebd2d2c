"""The layers that the verdict is tried on: ours, which it was made with, and other authors'."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.exercises.dropout import known
from grader.exercises.dropout.mistakes import EXAMPLES

FOLDER = Path(__file__).parents[1] / "tests" / "exercises"  # there is none in the wheel, as there is no bench
SOLUTIONS, ROWS = FOLDER / "solutions", FOLDER / "layers.toml"


@dataclass(frozen=True)
class Layer:
    """One layer of the corpus: its expected diagnosis, or two of them where chance decides, joined by " | ";
    "status …"; or "hard" with the rate at which it is caught."""

    name: str
    source: str
    expected: str

    @property
    def right(self) -> bool:
        return self.expected == "correct"

    @property
    def hard(self) -> bool:
        return self.expected.startswith("hard")

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self.expected.split(" | "))


def corpus() -> list[Layer]:
    """Every known mistake, the files of ``tests/exercises/solutions``, and the rows of ``layers.toml``."""
    layers = [Layer("reference", known.REFERENCE, "correct")]
    for name, sources in EXAMPLES.items():
        layers += [Layer(f"{name} {number}", source, name) for number, source in enumerate(sources, 1)]
    return [*layers, *solutions()]


def solutions() -> list[Layer]:
    """Those with a structure of their own, and those that differ from one of them in a line or a few."""
    files = {layer.name: layer for layer in _files(SOLUTIONS)}
    rows = tomllib.loads(ROWS.read_text(encoding="utf-8")) if ROWS.exists() else {}
    layers = [*files.values(), *(_row(name, row, files[row["like"]]) for name, row in rows.items())]
    return sorted(layers, key=lambda layer: layer.name)


def by_others(folder: str) -> list[Layer]:
    """Layers by other authors: "passes", "fails", or "unseen": wrong where one process cannot look."""
    return _files(FOLDER / folder)


def _files(folder: Path) -> list[Layer]:
    sources = {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.py"))}
    return [
        Layer(name, source, source.partition("\n")[0].removeprefix("# expected: ").strip())
        for name, source in sources.items()
    ]


def _row(name: str, row: dict[str, Any], like: Layer) -> Layer:
    """Raises ``ValueError`` for a change of what does not stand in that file once."""
    source = like.source
    for old, new in row["change"]:
        if source.count(old) != 1:
            raise ValueError(f"{ROWS.name}, {name}: {old!r} stands {source.count(old)} times in {row['like']}")
        source = source.replace(old, new)
    return Layer(name, source, row["expected"])
