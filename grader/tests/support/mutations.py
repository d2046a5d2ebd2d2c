"""Every one-token mutation of a source, generated from its syntax tree."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from typing import Any

Change = Callable[[Any], None]

OPERATORS: dict[type[ast.AST], tuple[type[ast.AST], ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add, ast.Mult, ast.Div),
    ast.Mult: (ast.Div, ast.Add, ast.Sub),
    ast.Div: (ast.Mult, ast.Sub, ast.Pow),
    ast.Lt: (ast.LtE, ast.Gt, ast.GtE, ast.Eq),
    ast.LtE: (ast.Lt, ast.Gt, ast.GtE),
}


def mutations(source: str) -> Iterator[tuple[str, str]]:
    """(what was changed, the changed source) for every operator, number, truth value, condition and statement."""
    tree = ast.parse(source)
    for number, node in enumerate(ast.walk(tree)):
        for what, change in _changes(node):
            mutant = copy.deepcopy(tree)
            twin = next(n for k, n in enumerate(ast.walk(mutant)) if k == number)
            change(twin)
            try:
                text = ast.unparse(ast.fix_missing_locations(mutant))
            except (ValueError, AttributeError):
                continue
            yield f"line {getattr(node, 'lineno', 0)}: {what}", text


def _changes(node: ast.AST) -> Iterator[tuple[str, Change]]:
    if isinstance(node, ast.BinOp | ast.AugAssign):
        for new in OPERATORS.get(type(node.op), ()):
            yield f"{type(node.op).__name__} → {new.__name__}", _set("op", new())
    elif isinstance(node, ast.Compare):
        for at, operator in enumerate(node.ops):
            for new in OPERATORS.get(type(operator), ()):
                yield f"{type(operator).__name__} → {new.__name__}", _set_item("ops", at, new())
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "not dropped", _become(lambda n: n.operand)
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield f"{node.value} → {not node.value}", _set("value", not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        for number in (node.value + 1, -node.value, node.value * 1.01):
            if number != node.value:
                yield f"{node.value} → {number}", _set("value", number)
    elif isinstance(node, ast.If):
        yield "condition always true", _set("test", ast.Constant(True))
        yield "condition never true", _set("test", ast.Constant(False))
    elif isinstance(node, ast.Return) and node.value is not None:
        yield "returns nothing", _set("value", None)
    elif isinstance(node, ast.Assign):
        yield "assignment dropped", _become_statement
    elif isinstance(node, ast.Call) and len(node.args) == 1:
        yield "call dropped", _become(lambda n: n.args[0])
    elif isinstance(node, ast.Attribute) and node.attr in SWAPS:
        yield f"{node.attr} → {SWAPS[node.attr]}", _set("attr", SWAPS[node.attr])
    elif isinstance(node, ast.Name) and node.id in NAMES:
        yield f"{node.id} → {NAMES[node.id]}", _set("id", NAMES[node.id])


SWAPS = {"sqrt": "square", "random": "standard_normal", "training": "p", "float64": "float32", "floating": "integer"}
NAMES = {"mask": "scale", "scale": "mask", "keep_prob": "scale"}


def _set(name: str, value: object) -> Change:
    return lambda node: setattr(node, name, value)


def _set_item(name: str, at: int, value: object) -> Change:
    return lambda node: getattr(node, name).__setitem__(at, value)


def _become(of: Callable[[Any], ast.AST]) -> Change:
    def change(node: Any) -> None:
        other = of(node)
        node.__class__ = other.__class__
        node.__dict__ = dict(other.__dict__)

    return change


def _become_statement(node: Any) -> None:
    node.__class__ = ast.Pass
    node.__dict__ = {}
