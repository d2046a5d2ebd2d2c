"""Where the submissions of a batch lie, as the batch sees it."""

# ruff: noqa: PTH112 (a Path's is_dir raises where a name is too long)

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

Parts = tuple[str, ...]
SHOWN = 150  # characters of a name in a sentence


@dataclass(frozen=True)
class Place:
    """A path below what was given, through archives, which keep their ending.

    Where several paths were given, it begins below the folder that all of them are in, and its first ``given`` parts
    are the path that was given. ``whole``: it is a folder or an archive, not a file in one. ``missing``: a submission
    was expected there, and none is.
    """

    parts: Parts
    given: int = 0
    whole: bool = False
    missing: bool = False

    @property
    def folders(self) -> Parts:
        return self.parts if self.whole else self.parts[:-1]


@dataclass(frozen=True)
class Found:
    """A submission before it is known whose it is. ``problem``: why it is not read."""

    path: Path
    place: Place
    problem: str = ""

    def at(self, folder: Path, path: Path) -> Found:
        """What lies in a folder, as the batch sees it below the folder."""
        parts = (*self.place.parts, *path.relative_to(folder).parts)
        whole = os.path.isdir(path) or bool(parts and is_zip(parts[-1]))
        return replace(self, path=path, place=replace(self.place, parts=parts, whole=whole))


def without_zip(part: str) -> str:
    return part[:-4] if is_zip(part) else part


def is_zip(name: str) -> bool:
    return name.lower().endswith(".zip")


def stem(name: str) -> str:
    return re.sub(r"(\.py)?(\.ipynb)?$", "", without_zip(name), flags=re.IGNORECASE)


def short(name: str) -> str:
    """A name in a sentence."""
    return name if len(name) <= SHOWN else f"{name[: SHOWN // 2]}…{name[-SHOWN // 2 :]}"


def in_common(folders: Sequence[Parts]) -> int:
    """How many levels all have in common, as deep as the shallowest."""
    levels = enumerate(zip(*folders, strict=False))
    return next((depth for depth, level in levels if len(set(level)) > 1), min(map(len, folders), default=0))


def around(places: Sequence[Place]) -> int:
    """How many levels lie around what may be students' names: the path that was given where there are several, else
    the folders that all submissions are in, if each is in one of its own below."""
    folders = [place.folders for place in places if not place.missing]
    if not folders or any(place.given for place in places):
        return places[0].given if places else 0
    shared = in_common(folders)
    wrapped = all(len(parts) > shared for parts in folders) and not any(map(is_zip, folders[0][:shared]))
    return shared if wrapped else 0


def shortest(names: Mapping[Parts, Sequence[str]]) -> dict[Parts, str]:
    """Of the names that each may have, from short to long, the first that no other has."""
    chosen = dict.fromkeys(names, 0)
    while True:
        shown = {key: names[key][k] for key, k in chosen.items()}
        shared = Counter(shown.values())
        more = [key for key, k in chosen.items() if shared[shown[key]] > 1 and k + 1 < len(names[key])]
        if not more:
            return shown
        chosen |= {key: chosen[key] + 1 for key in more}
