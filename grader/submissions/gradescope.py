"""Gradescope's list of who handed in what: ``submission_metadata.yml`` of an export."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from grader.sandbox.extras import require
from grader.submissions.platforms import Owner

LIST = "submission_metadata.yml"
LIST_BYTES = 64 << 20  # that are read of it: 100,000 learners
BLOCK = 16 << 10  # characters about the submitters of one submission: a hundred of them
SUBMISSION = re.compile(r"(submission_\d+):[ \t]*")


def read_list(path: Path | None) -> dict[str, tuple[Owner, ...]]:
    """All who handed in each submission; of a list that is not there or cannot be read, nothing."""
    if path is None:
        return {}
    try:
        with path.open("rb") as stream:
            return submitters(_lines(stream))
    except OSError:
        return {}


def _lines(stream: IO[bytes]) -> Iterator[str]:
    """One in memory at a time."""
    left = LIST_BYTES
    while left > 0 and (line := stream.readline(2 * BLOCK)):
        left -= len(line)
        yield line.decode("utf-8", "replace")


def submitters(lines: Iterable[str]) -> dict[str, tuple[Owner, ...]]:
    """The list has a fixed shape, is long with the output of every test, and may hold anything: so only the lines
    about submitters are taken for YAML, one submission's at a time, and only strings, lists and mappings are made of
    them. Where that is not possible, the submission keeps its number."""
    blocks: dict[str, str] = {}
    name, inside = "", False
    for raw in lines:
        line = raw.rstrip("\r\n")
        if line[:1] not in (" ", "\t"):
            begins = SUBMISSION.fullmatch(line)
            name, inside = begins[1] if begins else "", False
        elif name and line.rstrip(" \t") == "  :submitters:":
            inside = name not in blocks
            blocks.setdefault(name, "")
        elif inside and line.startswith(("  -", "    ")):
            blocks[name] += line + "\n" if len(blocks[name]) <= BLOCK else ""
        else:
            inside = False
    found = {name: _owners(block) for name, block in blocks.items() if len(block) <= BLOCK}
    return {name: owners for name, owners in found.items() if owners}


def _owners(block: str) -> tuple[Owner, ...]:
    require("report")
    import yaml

    try:
        rows = yaml.load(block, yaml.BaseLoader)  # no object, no merged key, nothing but text is made of it
    except (yaml.YAMLError, RecursionError, ValueError, OverflowError):
        return ()
    people = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    texts = [{key: value for key, value in row.items() if isinstance(value, str) and value} for row in people]
    owners = (Owner(row[":name"], row.get(":sid") or row.get(":email", "")) for row in texts if ":name" in row)
    return tuple(dict.fromkeys(owners))
