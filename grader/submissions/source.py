"""Sources as syntax trees: parsed within bounds, never run."""

from __future__ import annotations

import ast
import builtins
import hashlib
import re
from collections import deque
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

MAX_SOURCE = 200_000  # characters of one cell that are looked at as code
MAX_WORDS = 25_000  # words and signs of it: in a syntax tree, each may take two kilobytes
KEPT_SOURCE = 20_000  # characters of one whose tree or fingerprint is kept in memory, with it
WORD = re.compile(r"\w+|[^\w\s]")
BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")  # of a statement, in a syntax tree


def beyond(source: str) -> str:
    """What it has more of than is looked at as code; nothing where its size is reasonable."""
    if len(source) > MAX_SOURCE:
        return f"{len(source):,} characters; at most {MAX_SOURCE:,} are read"
    words = sum(1 for _ in WORD.finditer(source)) if len(source) > MAX_WORDS else 0
    return f"{words:,} words and signs; at most {MAX_WORDS:,} are read" if words > MAX_WORDS else ""


def parse(source: str) -> ast.Module | None:
    """The syntax tree, which is to be looked at only, None where there is none (or none of reasonable size)."""
    return _parsed_last(source) if len(source) <= KEPT_SOURCE else _parse(source)


def _parse(source: str) -> ast.Module | None:
    if beyond(source):
        return None
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


_parsed_last = lru_cache(maxsize=1)(_parse)  # an answer's, for which several ask in turn


def broken_line(source: str) -> int:
    """The line in which Python stops to understand it; 0 where it understands all, or cannot tell."""
    if beyond(source):
        return 0
    try:
        ast.parse(source)
    except SyntaxError as error:
        return error.lineno or 0
    except (ValueError, RecursionError, MemoryError):
        pass
    return 0


def fingerprint(source: str) -> str:
    """What two sources have in common that do the same: layout, comments, docstrings and the order of imports do not
    count, nor do the ways in which a string can be written. The same under every version of Python."""
    return _kept_in_mind(source) if len(source) <= KEPT_SOURCE else _fingerprint(source)


def _fingerprint(source: str) -> str:
    tree = parse(source)
    if tree is None:
        return source.strip()
    try:
        return hashlib.sha256(repr(_shape(tree)).encode("utf-8", "backslashreplace")).hexdigest()
    except (RecursionError, ValueError, MemoryError):  # too deep, or a whole number too long to print
        return source.strip()


_kept_in_mind = lru_cache(maxsize=64)(_fingerprint)  # the task's own sources are compared with every submission's


def same_code(one: str, other: str) -> bool:
    return one == other or (len(one) <= MAX_SOURCE and fingerprint(one) == fingerprint(other))


def _shape(node: Any) -> Any:
    """A tree as nested lists, without what says nothing."""
    if isinstance(node, list):
        return [_shape(each) for each in node]
    if not isinstance(node, ast.AST):
        return node
    fields = {name: value for name, value in ast.iter_fields(node) if value not in (None, []) and name != "kind"}
    if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        fields["body"] = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
    if isinstance(node, ast.Module):
        imports = (each for each in fields["body"] if isinstance(each, ast.Import | ast.ImportFrom))
        fields["imports"] = sorted({name for each in imports for name in _imported(each)})
        fields["body"] = [each for each in fields["body"] if not isinstance(each, ast.Import | ast.ImportFrom)]
    if isinstance(node, ast.JoinedStr):  # Python 3.12 ends some of them with nothing
        fields["values"] = [part for part in node.values if not (isinstance(part, ast.Constant) and not part.value)]
    if isinstance(node, ast.JoinedStr) and all(isinstance(part, ast.Constant) for part in node.values):
        return ["Constant", "value", "".join(ast.literal_eval(part) for part in node.values)]
    if isinstance(node, ast.Delete):  # formatters take parentheses off: del (a, b)
        fields["targets"] = [t for each in node.targets for t in getattr(each, "elts", [each])]
    return [type(node).__name__, *(part for name, value in fields.items() for part in (name, _shape(value)))]


def _imported(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    module = "." * node.level + (node.module or "") if isinstance(node, ast.ImportFrom) else ""
    for alias in node.names:
        yield f"{module} {alias.name} {alias.asname or ''}"


def top_level(tree: ast.Module) -> Iterator[ast.stmt]:
    """The statements that run when it does: also those in an ``if`` or a ``try``, not those in functions or classes."""
    waiting: deque[Any] = deque(tree.body)
    while waiting:
        node = waiting.popleft()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            parts = [part for name in BLOCKS for part in getattr(node, name, [])]
            waiting += [part for part in parts if isinstance(part, ast.stmt)]
            waiting += [each for part in parts if not isinstance(part, ast.stmt) for each in part.body]


def defines(source: str, class_name: str) -> bool:
    """Is the class made when this runs? Where Python does not understand it: does it look like that?"""
    tree = parse(source)
    return tree is None or any(isinstance(node, ast.ClassDef) and node.name == class_name for node in top_level(tree))


def bound_names(tree: ast.Module) -> set[str]:
    """Names that a cell binds at its top level."""
    names: set[str] = set()
    for node in top_level(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
        else:
            names |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return names


def missing_names(tree: ast.Module) -> set[str]:
    """Names that are used and bound nowhere in the source, nor by Python; none where a star import may bind any."""
    used: set[str] = set()
    bound = {*dir(builtins)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            (used if isinstance(node.ctx, ast.Load) else bound).add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            bound.add(node.name)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.alias):
            bound.add((node.asname or node.name).partition(".")[0])
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            bound.add(node.name)
    return set() if "*" in bound else used - bound - {"__file__"}


def changed_attributes(source: str, class_name: str) -> list[str]:
    """What a cell changes of a class that it does not define: ``Class.forward = ...``, ``setattr(Class, ...)``, and the
    name itself, ``Class = ...``; as one would say it."""
    tree = parse(source)
    found: list[str] = []
    for node in top_level(tree) if tree else ():
        targets = getattr(node, "targets", [getattr(node, "target", None)])
        for target in (part for each in targets if each is not None for part in ast.walk(each)):
            if isinstance(target, ast.Attribute) and _is_name(target.value, class_name):
                found.append(f"{class_name}.{target.attr}")
            elif _is_name(target, class_name) and isinstance(getattr(target, "ctx", None), ast.Store):
                found.append(class_name)
        call = node.value if isinstance(node, ast.Expr) else None
        if isinstance(call, ast.Call) and _is_name(call.func, "setattr") and len(call.args) > 1:
            of, name = call.args[:2]
            if _is_name(of, class_name):
                found.append(f"{class_name}.{name.value!s}" if isinstance(name, ast.Constant) else class_name)
    return found


def _is_name(node: object, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name
