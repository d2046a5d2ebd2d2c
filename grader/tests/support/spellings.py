"""Where a text, of code or of prose, spells the answer: every expression in it is evaluated, in any spelling."""

from __future__ import annotations

import ast
import contextlib
import itertools
import math
import operator
import re
from collections.abc import Callable, Iterator

RATES = (0.2, 0.35, 0.6, 0.85)
PROBABILITIES = {"p", "q", "keep", "keep_prob", "self.p", "rate"}  # of these a root alone says it, upside down
OPERATORS: dict[type[ast.AST], Callable[..., float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: math.pow,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
FUNCTIONS: dict[str, Callable[..., float]] = {
    **{name: getattr(math, name) for name in ("sqrt", "cbrt", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p")},
    **dict.fromkeys(("hypot", "norm"), math.hypot),
    **dict.fromkeys(("pow", "power", "float_power"), math.pow),
    **dict.fromkeys(("float", "float32", "float64"), float),
    "rsqrt": lambda v: 1 / math.sqrt(v),
    "reciprocal": lambda v: 1 / v,
    "square": lambda v: v * v,
    "divide": operator.truediv,
    "multiply": operator.mul,
}
TEX = [  # and signs, as Python has them
    (r"\\[dt]?frac\s*{([^{}]*)}\s*{([^{}]*)}", r"((\1)/(\2))"),
    (r"\\sqrt\s*{([^{}]*)}", r"sqrt(\1)"),
    (r"\^\s*{([^{}]*)}", r"**(\1)"),
]
SIGNS = str.maketrans({"−": "-", "–": "-", "·": "*", "×": "*", "²": "**2", "½": "(1/2)"})
TOKEN = re.compile(r"(\d+\.?\d*(?:e[+-]?\d+)?|\.\d+)|([a-z_]\w*(?:\.[a-z_]\w*)*)|(\*\*|[-+*/(),])", re.I)
LONGEST = 24  # tokens of an expression in prose


def number(node: ast.AST, names: dict[str, float]) -> float:
    """Raises ``KeyError`` for what is no arithmetic."""
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return float(node.value)  # type: ignore[arg-type]
    if isinstance(node, ast.Name | ast.Attribute):
        return names[ast.unparse(node)]
    if isinstance(node, ast.BinOp):
        return OPERATORS[type(node.op)](number(node.left, names), number(node.right, names))
    if isinstance(node, ast.UnaryOp):
        return OPERATORS[type(node.op)](number(node.operand, names))
    if isinstance(node, ast.Call):
        return FUNCTIONS[ast.unparse(node.func).rpartition(".")[2]](*(number(each, names) for each in node.args))
    raise KeyError(type(node).__name__)


def is_answer(node: ast.AST) -> bool:
    """Is it 1/√(1-p) at every rate, if its names are p or 1-p? Of probabilities, the root alone would be enough."""
    called = {id(part) for call in ast.walk(node) if isinstance(call, ast.Call) for part in ast.walk(call.func)}
    inside = {id(part.value) for part in ast.walk(node) if isinstance(part, ast.Attribute)}
    loose = [n for n in ast.walk(node) if isinstance(n, ast.Name | ast.Attribute) and id(n) not in called | inside]
    names = sorted({ast.unparse(n) for n in loose})
    if not 1 <= len(names) <= 3:
        return False
    either_way_up = set(names) <= PROBABILITIES
    for kept in itertools.product((False, True), repeat=len(names)):
        try:
            found = [
                number(node, {name: 1 - p if k else p for name, k in zip(names, kept, strict=True)}) for p in RATES
            ]
            powers = [value * value * (1 - p) for value, p in zip(found, RATES, strict=True)]
            upside_down = [value * value / (1 - p) for value, p in zip(found, RATES, strict=True)]
        except (KeyError, ArithmeticError, ValueError, TypeError):
            continue
        if max(abs(v - 1) for v in powers) < 1e-3 or (either_way_up and max(abs(v - 1) for v in upside_down) < 1e-3):
            return True
    return False


def as_python(text: str) -> str:
    text = re.sub(r"\\(?:left|right|,|;|!|quad|text|mathrm|cdot)", " ", text).translate(SIGNS)
    text = re.sub(r"√\s*(\w+|(?=\())", lambda m: f"sqrt({m[1]})" if m[1] else "sqrt", text)
    for _ in range(4):  # from the inside to the outside
        for pattern, python in TEX:
            text = re.sub(pattern, python, text)
    return text.replace("^", "**")


def spellings(text: str) -> Iterator[str]:
    """Every place of a text, of code or of prose, that spells the answer."""
    with contextlib.suppress(SyntaxError):
        yield from (ast.unparse(node) for node in ast.walk(ast.parse(text)) if is_answer(node))
    for line in as_python(text).splitlines():
        tokens = list(TOKEN.finditer(line))
        for first, last in itertools.combinations(range(len(tokens) + 1), 2):
            piece = line[tokens[first].start() : tokens[last - 1].end()] if last - first <= LONGEST else ""
            if re.search(r"\*\*|sqrt|pow|exp|log|hypot|norm", piece):
                try:
                    tree = ast.parse(piece.strip(), mode="eval")
                except (SyntaxError, ValueError):
                    continue
                if is_answer(tree.body):
                    yield piece
    for digits in re.findall(r"(?<![\w.])\d\.\d{3,}(?!\w)", text):
        places = len(digits) - 2
        if any(f"{1 / math.sqrt(1 - k / 10):.{places}f}" == digits for k in range(1, 10)):
            yield digits
