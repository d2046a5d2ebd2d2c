"""R9, read from an answer's syntax tree: a scale that follows the law is derived by a root or a power.

The part between the two marks is shared: see ``rules``.
"""

from __future__ import annotations

import ast

# --- shared with the notebook's check cell: begin
ROOTS = {"sqrt", "rsqrt", "isqrt", "sqrtm", "cbrt", "hypot", "norm", "cholesky", "roots", "polyroots", "root_scalar"}
POWERS = {"power", "pow", "float_power", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "logaddexp"}
POWERS |= {"geomspace", "logspace", "gmean", "eig", "eigh", "eigvals", "eigvalsh", "svd", "svdvals"}


def name_of(node: ast.AST) -> str:
    """The name that a node of a syntax tree is, reaches for or imports; empty if it is none of these."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.name.rpartition(".")[2] if isinstance(node, ast.alias) else ""


def uses_power(tree: ast.AST) -> bool:
    """R9: is there a root or a power, or the number 0.5 other than as a default value?"""
    defaults: set[ast.AST] = set()
    for node in ast.walk(tree):  # what holds a default comes before it
        values: list[ast.AST | None] = []
        if isinstance(node, ast.arguments):
            values = [*node.defaults, *node.kw_defaults]
        elif isinstance(node, ast.ClassDef):  # a dataclass field's default
            values = [each.value for each in node.body if isinstance(each, ast.AnnAssign)]
        defaults.update(part for value in values if value is not None for part in ast.walk(value))
        if isinstance(node, (ast.BinOp, ast.AugAssign)) and isinstance(node.op, ast.Pow):
            return True
        if isinstance(node, ast.Constant) and node.value == 0.5 and node not in defaults:
            return True
        if name_of(node) in ROOTS or name_of(node) in POWERS:
            return True
    return False


# --- shared with the notebook's check cell: end
