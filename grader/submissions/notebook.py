"""Notebook files, read with the standard library and checked by hand. Never runs anything.

``import nbformat`` alone takes longer than a verdict, so it is imported only to upgrade formats 1–3. Of the
metadata only the tags are looked at, and outputs are let go as soon as they are parsed.
"""

from __future__ import annotations

import json
import os
import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.sandbox.extras import require
from grader.submissions.kinds import what_it_is
from grader.submissions.magics import without_magics
from grader.submissions.sift import READ
from grader.submissions.source import MAX_SOURCE, defines, parse, same_code

MAX_CELLS = 2000  # the lesson has 26; each costs the kernel's side a message or two, whatever is in it
HALVES = re.compile("[\ud800-\udfff]")
MAX_SOURCES = 16_000_000  # characters of all cells; pictures may be pasted into their text
MAX_QUOTED = 300  # characters of an exception or of a file, in what a learner is told


class Unreadable(Exception):
    """A file that cannot be read as a notebook; the message says which part is wrong."""


@dataclass(frozen=True)
class Cell:
    """One notebook cell: its place in the notebook (from 0), its kind, its source, its tags."""

    index: int
    type: str
    source: str
    tags: frozenset[str] = frozenset()

    def defines(self, class_name: str) -> bool:
        """Does running it make the class? A draft in quotes, or behind a magic that runs nothing, does not."""
        return self.type == "code" and self.mentions(class_name) and defines(self.runs, class_name)

    def mentions(self, class_name: str) -> bool:
        """Is there a line that begins like the class, whatever the cell's kind?"""
        return re.search(rf"^[ \t]*class[ \t]+{class_name}\b", self.source, re.M) is not None

    @property
    def runs(self) -> str:
        """The source as IPython would have Python run it, line by line."""
        return without_magics(self.source)


def read_notebook(text: str) -> dict[str, Any]:
    """What of a notebook's JSON is read, as format 4; older ones are upgraded. Raises ``Unreadable`` and says which
    part is wrong."""
    if not text.strip():
        raise Unreadable("the file is empty")
    try:
        raw = json.loads(text.removeprefix("\ufeff"), object_pairs_hook=_Reader())
    except json.JSONDecodeError as error:
        raise Unreadable(what_it_is(text.encode("utf-8", "replace")) or _not_json(error, text)) from error
    except RecursionError as error:
        raise Unreadable("the file is nested too deeply") from error
    except ValueError as error:  # a whole number of thousands of digits
        raise Unreadable(f"the file holds what cannot be read: {error}") from error
    if not isinstance(raw, dict):
        raise Unreadable("the file is JSON, but not a notebook: it holds no object")
    major = raw.get("nbformat")
    if not isinstance(major, int) or isinstance(major, bool):
        raise Unreadable("the file is JSON, but not a notebook: 'nbformat' is missing")
    if major < 4:
        for sheet in (raw, *(raw["worksheets"] if isinstance(raw.get("worksheets"), list) else ())):
            _bounded_cells(sheet.get("cells") if isinstance(sheet, dict) else None)
        raw = _upgraded(raw, major)
    if major > 4:
        raise Unreadable(f"notebook format {major} is newer than this grader knows; save it as format 4")
    if not isinstance(raw.get("cells"), list):
        raise Unreadable("the notebook has no list of cells")
    _bounded_cells(raw["cells"])
    return dict(raw)


def _not_json(error: json.JSONDecodeError, text: str) -> str:
    if error.msg == "Extra data":
        return f"something else follows the end of the notebook, in line {error.lineno}: remove it"
    cut = error.pos >= len(text.rstrip()) - 1 or error.msg.startswith("Unterminated")
    hint = "it seems to be cut off" if cut else f"line {error.lineno}: {error.msg}"
    return f"the file is not JSON: {hint}"


class _Reader:
    """Makes objects without what nobody looks at; of outputs, there is a list of them. Sources are bounded in sum."""

    def __init__(self) -> None:
        self._left = MAX_SOURCES

    def __call__(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        kept = {name: [] if name == "outputs" else value for name, value in pairs if name in READ or name == "outputs"}
        source = kept.get("source", kept.get("input", ""))
        texts = source if isinstance(source, list) else [source]
        self._left -= sum(len(text) for text in texts if isinstance(text, str))
        if self._left < 0:
            raise Unreadable(f"the cells hold more than {MAX_SOURCES:,} characters; no more are read")
        return kept


def _bounded_cells(cells: object) -> None:
    if isinstance(cells, list) and len(cells) > MAX_CELLS:
        raise Unreadable(f"the notebook has {len(cells):,} cells; at most {MAX_CELLS:,} are read")


def _upgraded(raw: dict[str, Any], major: int) -> dict[str, Any]:
    require("notebook")
    import nbformat

    try:
        old = nbformat.versions[major].to_notebook_json(raw, minor=raw.get("nbformat_minor", 0))
        return dict(nbformat.convert(old, 4))
    except Exception as error:  # nbformat's readers and converters raise whatever their loops trip over
        raise Unreadable(f"notebook format {major} could not be upgraded: {error}") from error


def notebook_cells(raw: dict[str, Any]) -> tuple[Cell, ...]:
    """The cells, bounded and checked by hand. Raises ``Unreadable`` with the number of the bad one."""
    cells = []
    for index, entry in enumerate(raw["cells"]):
        if not isinstance(entry, dict):
            raise Unreadable(f"cell {index + 1} is not an object")
        source = entry.get("source", "")
        if isinstance(source, list) and all(isinstance(line, str) for line in source):
            source = "".join(source)
        if not isinstance(source, str):
            raise Unreadable(f"the source of cell {index + 1} is not text")
        if HALVES.search(source):  # of characters: JSON can hold them
            source = source.encode("utf-8", "replace").decode("utf-8")
        if "\r" in source:
            source = source.replace("\r\n", "\n").replace("\r", "\n")
        metadata = entry.get("metadata")
        tags = metadata.get("tags") if isinstance(metadata, dict) else None
        known = frozenset(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else frozenset()
        cells.append(Cell(index, str(entry.get("cell_type", "")), source, known))
    return tuple(cells)


def leads_out(path: Path) -> bool:
    """Is it a link to what lies neither beside it nor below?"""
    return path.is_symlink() and not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(path.parent))


def printable(text: str) -> str:
    """It is shown, and names files: control characters, halves of characters and changes of direction go."""
    return "".join(sign if sign.isprintable() else "_" for sign in text).strip() or "_"


def brief(text: str) -> str:
    """Somebody else's words in a sentence of ours: on one line, printable, and not long."""
    line = printable(" ".join(text.split()))
    return line if len(line) <= MAX_QUOTED else f"{line[:MAX_QUOTED]}…"


def answer_cells(cells: Sequence[Cell], class_name: str, start: str = "") -> tuple[tuple[Cell, ...], str]:
    """All cells tagged ``implementation`` in document order (JupyterLab copies the tag to both halves of a split cell
    and to a duplicate), joined; without any tag, the last cell that defines the class, and better one that is no longer
    the ``start``."""
    chosen = [cell for cell in cells if cell.type == "code" and "implementation" in cell.tags]
    if not chosen:
        defining = [cell for cell in mentioning(class_name, reversed(cells)) if cell.defines(class_name)]
        chosen = ([cell for cell in defining if not same_code(cell.source, start)] or defining)[:1]
    sources = [cell.source for cell in chosen]
    if sum(map(len, sources)) > MAX_SOURCE:
        return tuple(chosen), "\n".join(sources)
    if len(sources) == 1 and parse(sources[0]) is None and parse(textwrap.dedent(sources[0])) is not None:
        sources = [textwrap.dedent(sources[0])]  # as IPython does; the half of a split cell keeps its place
    return tuple(chosen), "\n".join(map(without_magics, sources))


def mentioning(name: str, cells: Iterable[Cell]) -> Iterator[Cell]:
    """Those with a name in them, up to as much code as may be one answer: more takes too much time to be parsed."""
    left = MAX_SOURCE
    for cell in cells:
        if left > 0 and name in cell.source:
            left -= len(cell.source)
            yield cell


def tagged_text(cells: Iterable[Cell], tag: str) -> str:
    return "\n".join(cell.source for cell in cells if tag in cell.tags).strip()
