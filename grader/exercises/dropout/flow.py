"""What is found in the code on the way from p to what the layer returns in training: facts, for sentences about it.

A sentence such as "look at the direction of the comparison" is told only to code that compares. So the layer's syntax
tree is followed from the constructor to what ``forward`` returns, with p a number and the arrays unknown. What nothing
uses, what stands in a branch that is not taken, and what only prints is not on the way. Nothing is run; where the
reading ends, a fact is missing, and the learner is told what was measured and no more.

The part between the two marks is shared: see ``rules``.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Sequence
from typing import Any, NamedTuple

from grader.exercises.dropout.derivation import name_of

# --- shared with the notebook's check cell: begin
STEPS, DEPTH = 20_000, 8  # of one reading, and of calls within calls: a tree may be made to be slow
UNIFORM = {"random", "rand", "random_sample", "ranf", "uniform"}
NORMAL = {"randn", "standard_normal", "normal", "gauss", "normalvariate"}
FUNCTIONS: dict[str, Any] = {
    **{name: getattr(math, name) for name in ("sqrt", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p")},
    **dict.fromkeys(("pow", "power", "float_power"), math.pow),
    **dict.fromkeys(("divide", "true_divide"), operator.truediv),
    **dict.fromkeys(("float", "float32", "float64", "asarray", "array"), float),
    **dict.fromkeys(("max", "maximum"), max),
    **dict.fromkeys(("min", "minimum"), min),
    "multiply": operator.mul,
    "square": lambda v: v * v,
    "reciprocal": lambda v: 1 / v,
}
ARITHMETIC = ("Add", "add"), ("Sub", "sub"), ("Mult", "mul"), ("Div", "truediv"), ("USub", "neg"), ("Not", "not_")
COMPARISONS = ("Lt", "lt"), ("LtE", "le"), ("Gt", "gt"), ("GtE", "ge"), ("Eq", "eq"), ("NotEq", "ne")
OPERATORS: dict[str, Any] = {
    "Pow": math.pow,
    **{node: getattr(operator, function) for node, function in (*ARITHMETIC, *COMPARISONS)},
}


class Value(NamedTuple):
    """A number, or None where it is not known, and the facts on the way to it."""

    number: float | None = None
    facts: frozenset[str] = frozenset()


class Reading:
    """One reading of a layer's code, at one p."""

    def __init__(self, tree: ast.AST, p: float) -> None:
        self.p, self.steps, self.depth = p, STEPS, 0
        self.functions: dict[str, Any] = {n.name: n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}
        self.shared = {"self.training": Value(1.0), "self.p": Value(p)}  # what all functions see
        for body in [tree, *(n for n in ast.walk(tree) if isinstance(n, ast.ClassDef))]:
            self.run(getattr(body, "body", ()), self.shared)
        if "__init__" in self.functions:
            self.call("__init__", [Value(p)])
        self.result = self.call("forward" if "forward" in self.functions else "__call__", [])

    def call(self, name: str, arguments: Sequence[Value]) -> Value:
        """Of a function of the answer's own."""
        function = self.functions[name]
        names = [each.arg for each in function.args.args]
        if names[:1] == ["self"]:
            del names[0]
        if self.depth == DEPTH:
            return Value()
        self.depth += 1
        local = dict(zip(names, arguments, strict=False))
        if isinstance(function, ast.Lambda):
            returned = [self.value(function.body, local)]
        else:
            returned = self.run(function.body, local)
        self.depth -= 1
        return returned[0] if len(returned) == 1 else Value(None, union(returned))

    def run(self, statements: Sequence[ast.stmt], names: dict[str, Value]) -> list[Value]:
        """What the statements may return. Of branches, the one taken is read, or all where that is not known."""
        returned: list[Value] = []
        for statement in statements:
            self.step()
            if isinstance(statement, ast.Return):
                return [*returned, self.value(statement.value, names)]
            if isinstance(statement, (ast.Raise, ast.FunctionDef, ast.ClassDef)):
                continue
            if isinstance(statement, ast.If):
                test = self.value(statement.test, names).number
                if test is None:
                    returned += self.run(statement.body, names) + self.run(statement.orelse, names)
                else:
                    found = self.run(statement.body if test else statement.orelse, names)
                    if found:
                        return returned + found
            elif isinstance(statement, ast.Assign):
                for target in statement.targets:
                    self.bind(target, statement.value, names)
            elif isinstance(statement, ast.AnnAssign) and statement.value:
                self.bind(statement.target, statement.value, names)
            elif isinstance(statement, ast.AugAssign):
                together = ast.BinOp(statement.target, statement.op, statement.value)
                self.store(statement.target, self.value(together, names), names)
            elif isinstance(statement, ast.Expr):
                self.value(statement.value, names)
            elif isinstance(statement, (ast.For, ast.While)):
                for node in ast.walk(statement):  # what changes from turn to turn is not known
                    if isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Store):
                        self.store(node, Value(None, self.value(node, names).facts), names)
                returned += self.run(statement.body, names)
            elif isinstance(statement, (ast.With, ast.Try)):
                returned += self.run(statement.body, names)
        return returned

    def bind(self, target: ast.expr, source: ast.expr, names: dict[str, Value]) -> None:
        if isinstance(source, ast.Lambda) and key_of(target):
            self.functions[key_of(target).rpartition(".")[2]] = source
        elif isinstance(target, ast.Tuple) and isinstance(source, ast.Tuple) and len(target.elts) == len(source.elts):
            for each, value in zip(target.elts, [self.value(part, names) for part in source.elts], strict=True):
                self.store(each, value, names)
        else:
            self.store(target, self.value(source, names), names)

    def store(self, target: ast.expr, value: Value, names: dict[str, Value]) -> None:
        if key := key_of(target):
            (self.shared if "." in key else names)[key] = value
        elif isinstance(target, ast.Subscript):  # part of an array is written
            self.store(target.value, Value(None, value.facts | self.value(target, names).facts), names)
        elif isinstance(target, (ast.Tuple, ast.List)):
            for each in target.elts:
                self.store(each, Value(None, value.facts), names)

    def value(self, node: ast.AST | None, names: dict[str, Value]) -> Value:
        self.step()
        key = key_of(node)
        if key and (known := names.get(key, self.shared.get(key))):
            return known
        if isinstance(node, ast.Attribute) and key.startswith("self.") and node.attr in self.functions:
            return self.call(node.attr, [])  # a property
        if isinstance(node, ast.Constant):
            return Value(float(node.value) if isinstance(node.value, (bool, int, float)) else None)
        if isinstance(node, ast.IfExp):
            test = self.value(node.test, names).number
            if test is not None:
                return self.value(node.body if test else node.orelse, names)
            return Value(None, union([self.value(node.body, names), self.value(node.orelse, names)]))
        if isinstance(node, ast.NamedExpr):
            self.bind(node.target, node.value, names)
            return self.value(node.target, names)
        parts = [self.value(child, names) for child in ast.iter_child_nodes(node)] if node else []
        facts = union(parts)
        if isinstance(node, ast.Call):
            return self.called(node, parts, facts, names)
        if isinstance(node, ast.Compare):
            facts -= {"the right factor", "** before /"}  # they belong to the mask now
            if "draw" in facts and all(isinstance(each, (ast.Lt, ast.LtE, ast.Gt, ast.GtE)) for each in node.ops):
                facts |= {"comparison"}
            return self.made(
                OPERATORS.get(type(node.ops[0]).__name__) if len(node.ops) == 1 else None, parts[::2], facts
            )
        if isinstance(node, (ast.BinOp, ast.UnaryOp)):
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and ends_in_power(node.left):
                facts |= {"** before /"}
            if isinstance(node.op, (ast.Invert, ast.Not, ast.Sub)):
                facts -= {"comparison"}  # it may be right, and what is made of it not
            operands = [parts[0], parts[2]] if isinstance(node, ast.BinOp) else [parts[1]]
            return self.made(OPERATORS.get(type(node.op).__name__), operands, facts)
        return Value(None, facts)

    def called(self, node: ast.Call, parts: list[Value], facts: frozenset[str], names: dict[str, Value]) -> Value:
        name, arguments = name_of(node.func), parts[1 : 1 + len(node.args)]
        if name in self.functions:
            inside = self.call(name, arguments)
            return Value(inside.number, inside.facts | facts)
        drawn = {"draw"} if name in UNIFORM else {"normal numbers"} if name in NORMAL else set()
        if name in ("logical_not", "invert", "subtract"):
            facts -= {"comparison"}
        found = self.made(FUNCTIONS.get(name), arguments, facts | drawn)
        for keyword in node.keywords:
            if keyword.arg == "out":
                self.store(keyword.value, found, names)
        return found

    def made(self, function: Any, operands: Sequence[Value], facts: frozenset[str]) -> Value:
        """What a function makes of numbers. The right factor is known by the law that it obeys, either way up."""
        numbers = [operand.number for operand in operands if operand.number is not None]
        if function is None or not numbers or len(numbers) < len(operands):
            return Value(None, facts)
        try:
            number = float(function(*numbers))
            square = number * number
            right = number > 0 and any(abs(v * (1 - self.p) - 1) < 1e-9 for v in (square, 1 / square))
        except (ArithmeticError, ValueError, TypeError):
            return Value(None, facts)
        return Value(number, facts | {"the right factor"} if right else facts)

    def step(self) -> None:
        self.steps -= 1
        if self.steps < 0:
            raise RecursionError("more steps than any answer needs")


def union(values: Sequence[Value]) -> frozenset[str]:
    return frozenset().union(*(value.facts for value in values))


def key_of(node: ast.AST | None) -> str:
    """A name, or an attribute of a name, as it is written; empty for all else."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def ends_in_power(node: ast.expr) -> bool:
    """q ** -1, or 1 / q ** 1: what is divided next is not the exponent."""
    while isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Mult, ast.Div)):
        node = node.right
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow)


def code_facts(tree: ast.AST) -> frozenset[str]:
    """The facts that hold at two rates, where a number that is right by chance differs."""
    try:
        first, second = (Reading(tree, p).result.facts for p in (0.3, 0.6))
    except (RecursionError, MemoryError, ArithmeticError, AttributeError, KeyError):  # no layer, or none to be read
        return frozenset()
    return first & second


# --- shared with the notebook's check cell: end
