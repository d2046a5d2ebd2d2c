"""Notebook files, read with the standard library and checked by hand. Never runs anything.

``import nbformat`` alone takes longer than a verdict, so it is imported only to upgrade formats 1–3. Of the metadata
only the tags are looked at.
"""

from __future__ import annotations

import json
import os
import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.source import parse, without_magics

CLASS = "VarianceStabilizedDropout"
MAX_BYTES = 64 << 20  # figures are stored in the notebook; more than this is no homework
MAX_CELLS = 2000  # the lesson has 26; each costs the kernel's side a message or two, whatever is in it
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

    def defines_class(self) -> bool:
        return self.type == "code" and re.search(rf"^[ \t]*class[ \t]+{CLASS}\b", self.source, re.M) is not None


def read_notebook(path: Path) -> dict[str, Any]:
    """Notebook JSON of format 4; older ones are upgraded. Raises ``Unreadable`` and says which part is wrong."""
    text = read_text(path)
    if not text.strip():
        raise Unreadable("the file is empty")
    try:
        raw = json.loads(text.removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        cut = error.pos >= len(text.rstrip()) - 1 or error.msg.startswith("Unterminated")
        hint = "it seems to be cut off" if cut else f"line {error.lineno}: {error.msg}"
        raise Unreadable(f"the file is not JSON: {hint}") from error
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
        sheets = raw.get("worksheets")
        for sheet in sheets if isinstance(sheets, list) else ():
            _bounded(sheet.get("cells") if isinstance(sheet, dict) else None)
        raw = _upgraded(raw, major)
    if major > 4:
        raise Unreadable(f"notebook format {major} is newer than this grader knows; save it as format 4")
    if not isinstance(raw.get("cells"), list):
        raise Unreadable("the notebook has no list of cells")
    _bounded(raw["cells"])
    return dict(raw)


def _bounded(cells: object) -> None:
    if isinstance(cells, list) and len(cells) > MAX_CELLS:
        raise Unreadable(f"the notebook has {len(cells):,} cells; at most {MAX_CELLS:,} are read")


def _upgraded(raw: dict[str, Any], major: int) -> dict[str, Any]:
    import nbformat

    try:
        return dict(nbformat.convert(nbformat.from_dict(raw), 4))
    except Exception as error:  # nbformat's converters raise whatever their loops trip over
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
        source = source.encode("utf-8", "replace").decode("utf-8")  # JSON can hold halves of characters
        if "\r" in source:
            source = source.replace("\r\n", "\n").replace("\r", "\n")
        metadata = entry.get("metadata")
        tags = metadata.get("tags") if isinstance(metadata, dict) else None
        known = frozenset(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else frozenset()
        cells.append(Cell(index, str(entry.get("cell_type", "")), source, known))
    return tuple(cells)


def read_text(path: Path) -> str:
    """A regular file's text. Raises ``Unreadable`` where there is none."""
    name = printable(path.name)
    try:
        if not path.is_file():
            kind = "not a regular file" if path.exists() else "a link that leads nowhere"
            raise Unreadable(f"{name}: {f'this is {kind}' if os.path.lexists(path) else 'there is no such file'}")
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise Unreadable(f"{name} has {size >> 20} MiB; at most {MAX_BYTES >> 20} are read")
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise Unreadable(f"{name} cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise Unreadable(f"{name} is not UTF-8 text (byte {error.start})") from error


def read_found(path: Path) -> str:
    """The text of a file that nobody named, and that was found: a link may not lead out of its folder."""
    if leads_out(path):
        raise Unreadable(f"{printable(path.name)} is a link that leads out of the folder that was handed in")
    return read_text(path)


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


def answer_cells(cells: Sequence[Cell]) -> tuple[tuple[Cell, ...], str]:
    """All cells tagged ``implementation`` in document order (JupyterLab copies the tag to both halves of a split cell
    and to a duplicate), joined; without any tag, the last cell that defines the class."""
    tagged = [cell for cell in cells if cell.type == "code" and "implementation" in cell.tags]
    chosen = tagged or [cell for cell in cells if cell.defines_class()][-1:]
    sources = [cell.source for cell in chosen]
    if len(sources) == 1 and parse(sources[0]) is None and parse(textwrap.dedent(sources[0])) is not None:
        sources = [textwrap.dedent(sources[0])]  # as IPython does; the half of a split cell keeps its place
    return tuple(chosen), "\n".join(map(without_magics, sources))


def tagged_text(cells: Iterable[Cell], tag: str) -> str:
    return "\n".join(cell.source for cell in cells if tag in cell.tags).strip()
