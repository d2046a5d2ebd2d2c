"""JSON for files: in pieces, which are charged to an account as they are made, and without what JSON lacks.

``json.dumps`` makes the whole first, writes a value as often as it is referred to, and lets NaN pass.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

from grader.sandbox.account import Account


def encoded(value: Any, account: Account, depth: int = 0) -> bytes | None:
    """UTF-8, indented by one as notebooks are, keys in order; None where the account does not allow for it, or what
    is to be written has no end. ``depth``: at which it stands in the whole. NaN and infinities become null; halves of
    characters, question marks."""
    whole = bytearray()
    try:
        for piece in _pieces(value, "\n" + " " * depth):
            raw = piece.encode("utf-8", "replace")
            if not account.draw(len(raw)):
                return None
            whole += raw
    except RecursionError:
        return None
    return bytes(whole)


def _pieces(value: Any, line: str) -> Iterator[str]:
    if isinstance(value, str):
        yield json.dumps(value, ensure_ascii=False)
    elif isinstance(value, float):
        yield repr(float(value)) if math.isfinite(value) else "null"
    elif isinstance(value, bool) or not isinstance(value, dict | list | tuple | int):
        yield json.dumps(value)
    elif isinstance(value, int):
        yield int.__repr__(value)
    elif not value:
        yield "{}" if isinstance(value, dict) else "[]"
    elif isinstance(value, dict):
        for number, (name, held) in enumerate(sorted(value.items())):
            yield f"{',' if number else '{'}{line} {json.dumps(name, ensure_ascii=False)}: "
            yield from _pieces(held, line + " ")
        yield line + "}"
    else:
        for number, held in enumerate(value):
            yield f"{',' if number else '['}{line} "
            yield from _pieces(held, line + " ")
        yield line + "]"
