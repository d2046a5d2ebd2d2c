"""What was handed in: from paths to the submissions of a batch, each with its student and attempt. Runs nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.errors import UsageError
from grader.task import SCRIPT


@dataclass(frozen=True)
class Item:
    """One submission of a batch: where it is, what it is called, whose it is, where its executed notebook goes.

    ``name`` is unique in the batch and names files; ``attempt`` counts a student's submissions from 1.
    """

    path: Path
    name: str
    student: str = ""
    attempt: int = 1
    executed: Path | None = None


def collect(paths: Iterable[Path], out: Path) -> list[Item]:
    """Every submission below the paths with a name of its own. Raises ``UsageError`` if there is none at all."""
    items: list[Item] = []
    taken: set[str] = set()
    real = False
    for path in paths:
        found = list(find(path, skip=out)) or [path]
        real = real or found != [path] or path.is_file() or (path / SCRIPT).exists()
        for one in found:
            name = str(one.relative_to(path)) if path.is_dir() and one != path else one.name or str(one)
            stem = name.removesuffix(".ipynb").removesuffix(".py").replace("/", "__")
            stem = "".join(sign if sign.isprintable() else "_" for sign in stem)  # it is shown, and names files
            unique = next(s for s in (stem, *(f"{stem}-{k}" for k in range(2, len(taken) + 3))) if s not in taken)
            taken.add(unique)
            items.append(Item(one, unique, student=unique, executed=out / "executed" / f"{unique}.ipynb"))
    if not real:
        named = ", ".join(map(str, paths))
        raise UsageError(f"there is no submission in {named}: give notebooks, dropout.py files or folders of them")
    return items


def find(path: Path, skip: Path | None = None) -> Iterator[Path]:
    """The submissions below a path: the path itself unless it is a folder; a folder that holds both forms is one."""
    if not path.is_dir():
        yield path
        return
    if skip is not None and path.resolve() == skip.resolve():
        return
    try:
        entries = sorted(path.iterdir())
    except OSError:
        yield path
        return
    notebooks = [entry for entry in entries if entry.suffix == ".ipynb" and not entry.name.startswith(".")]
    script = path / SCRIPT
    if script.exists() and notebooks:
        yield path
    elif script.exists():
        yield script
    else:
        yield from notebooks
    folders = [entry for entry in entries if entry.is_dir() and not entry.is_symlink()]
    for entry in folders:
        if entry not in notebooks and not entry.name.startswith((".", "__")):
            yield from find(entry, skip)
