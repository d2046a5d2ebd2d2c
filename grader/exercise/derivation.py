"""R9, read from an answer's syntax tree: a scale that follows the law is derived by a root or a power.

The part between the two marks is shared: see ``rules``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

# --- shared with the notebook's check cell: begin
ROOTS = {"sqrt", "rsqrt", "isqrt", "hypot", "norm"}
POWERS = {"power", "pow", "float_power", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "logaddexp"}


def names_in(tree: ast.AST) -> Iterator[str]:
    """Every name, attribute and imported name of a syntax tree."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.alias):
            yield node.name.rpartition(".")[2]


def uses_power(tree: ast.AST) -> bool:
    """R9: is there a root or a power, or the number 0.5 other than as a default value?"""
    values: list[ast.AST | None] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.arguments):
            values += [*node.defaults, *node.kw_defaults]
        elif isinstance(node, ast.ClassDef):  # a dataclass field's default
            values += [each.value for each in node.body if isinstance(each, ast.AnnAssign)]
    defaults = {id(part) for value in values if value is not None for part in ast.walk(value)}
    for node in ast.walk(tree):
        if isinstance(node, (ast.BinOp, ast.AugAssign)) and isinstance(node.op, ast.Pow):
            return True
        if isinstance(node, ast.Constant) and node.value == 0.5 and id(node) not in defaults:
            return True
    return any(name in ROOTS or name in POWERS for name in names_in(tree))


def takes_root(tree: ast.AST) -> bool:
    """Narrower: a root by name, or a power whose exponent is not a whole number."""
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
            try:
                if float(ast.literal_eval(node.right)) % 1:
                    return True
            except OverflowError:  # a whole number, and a very large one
                continue
            except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
                return True
    return any(name in ROOTS for name in names_in(tree))


# --- shared with the notebook's check cell: end
