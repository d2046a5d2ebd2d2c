"""Sources as syntax trees: parsed within bounds, never run."""

from __future__ import annotations

import ast
import re
from functools import lru_cache

MAX_SOURCE = 200_000  # characters of one cell that are looked at as code


def without_magics(source: str) -> str:
    """The source with IPython's magic and shell lines replaced by ``pass``; line numbers stay.

    Only where it does not parse as it is: a line inside a string or an expression may well begin with ``%``.
    """
    if parse(source) is not None:
        return source
    return "\n".join(_without_magic(line) for line in source.split("\n"))


def _without_magic(line: str) -> str:
    said = line.strip()
    assigned = said.partition("=")[2].lstrip()
    if said.startswith(("%", "!", "?")) or assigned.startswith(("%", "!")) or re.fullmatch(r"[\w.]+\?{1,2}", said):
        return line[: len(line) - len(line.lstrip())] + "pass"
    return line


def parse(source: str) -> ast.Module | None:
    """The syntax tree, None where there is none (or none of reasonable size)."""
    if len(source) > MAX_SOURCE:
        return None
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


@lru_cache(maxsize=64)
def fingerprint(source: str) -> str:
    """What two sources have in common when only layout and comments differ."""
    tree = parse(source)
    if tree is None:
        return source.strip()
    try:
        return ast.dump(tree)
    except (RecursionError, ValueError):  # too deep, or a whole number too long to print
        return source.strip()


def same_code(one: str, other: str) -> bool:
    return one == other or (len(one) <= MAX_SOURCE and fingerprint(one) == fingerprint(other))


def bound_names(source: str) -> set[str]:
    """Names that a cell binds at its top level."""
    tree = parse(without_magics(source))
    names: set[str] = set()
    for node in tree.body if tree else ():
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
        else:
            names |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return names
