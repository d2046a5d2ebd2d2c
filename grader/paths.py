"""The paths of a batch's submissions, as the batch sees them: below what was given, and through archives."""

# ruff: noqa: PTH112 (a Path's is_dir raises where a name is too long)

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

SHOWN = 150  # characters of a name in a sentence


@dataclass(frozen=True)
class Found:
    """A submission of a batch.

    ``seen`` is its path as the batch sees it: below what was given, through archives, which keep their ending. Where
    several paths were given, its first ``above`` parts are what this one is called beside the others, and ``called``
    is that without endings. ``places`` says where each part of it lies. ``problem``: why it is not read. ``missing``:
    it is a place where a submission was expected, and none is.
    """

    path: Path
    seen: Path
    places: tuple[Path, ...] = ()
    above: int = 0
    called: str = ""
    problem: str = ""
    missing: bool = False

    def at(self, folder: Path, one: Path) -> Found:
        """What lies in a folder, as the batch sees it below the folder."""
        parts = one.relative_to(folder).parts
        places = tuple(folder.joinpath(*parts[:k]) for k in range(1, len(parts) + 1))
        return replace(self, path=one, seen=self.seen.joinpath(*parts), places=self.places + places)


def without_zip(part: str) -> str:
    return part[:-4] if part.lower().endswith(".zip") else part


def without_ending(name: str) -> str:
    return re.sub(r"(\.py)?(\.ipynb)?$", "", name, flags=re.IGNORECASE)


def short(name: str) -> str:
    """A name in a sentence."""
    return name if len(name) <= SHOWN else f"{name[: SHOWN // 2]}…{name[-SHOWN // 2 :]}"


def wrapping(found: Sequence[Found]) -> int:
    """How many folders lie around the class: those that all submissions are in, if each is in one of its own below."""
    folders = [_folders(one) for one in found if not one.missing]
    shared = in_common(folders)
    around = folders[0][:shared] if folders else ()
    wrapped = all(len(own) > shared for own in folders) and all(part == without_zip(part) for part in around)
    return shared if wrapped else 0


def _folders(one: Found) -> tuple[str, ...]:
    whole = os.path.isdir(one.path) or one.seen.name != without_zip(one.seen.name)
    return one.seen.parts if whole else one.seen.parts[:-1]


def in_common(folders: Sequence[tuple[str, ...]]) -> int:
    """How many levels all have in common, as deep as the shallowest."""
    levels = enumerate(zip(*folders, strict=False))
    return next((depth for depth, level in levels if len(set(level)) > 1), min(map(len, folders), default=0))


def called(paths: Sequence[Path]) -> list[tuple[int, str]]:
    """Of several paths, for each: how many of its last parts tell it from the others, and its name.

    A file is called by its stem, and where stems coincide by the folders above it, as far as needed; a folder by its
    own name, and then with those above.
    """
    stems = Counter(path.parent / _stem(path) for path in set(paths))
    above = dict.fromkeys(paths, 0)
    while True:
        names = {path: _called(path, k, alone=stems[path.parent / _stem(path)] == 1) for path, k in above.items()}
        shared = Counter(names.values())
        more = [path for path, name in names.items() if shared[name] > 1 and above[path] < len(path.parts) - 2]
        if not more:
            return [(above[path] + 1, names[path]) for path in paths]
        above |= {path: above[path] + 1 for path in more}


def _called(path: Path, above: int, *, alone: bool) -> str:
    own = _stem(path) if alone else path.name
    if path.suffix.lower() in (".ipynb", ".py") and above:
        return "/".join(path.parts[-1 - above : -1])
    return "/".join([*path.parts[-1 - above : -1], own])


def _stem(path: Path) -> str:
    return without_ending(without_zip(path.name))
