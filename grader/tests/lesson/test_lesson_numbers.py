"""Every number that the lesson's texts state, with the expression that gives it."""

from __future__ import annotations

import ast
import json
import math
import re
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pytest

from grader.tests.lesson.training import RATES, STORED
from grader.tests.refresh import ROOT, TASK

CELLS = {cell["id"]: "".join(cell["source"]) for cell in json.loads(TASK.read_text(encoding="utf-8"))["cells"]}
CELLS["teaching"] = (ROOT / "assets" / "teaching.md").read_text(encoding="utf-8")

h = 1e-3  # midpoint rule over the normal density: the kinks at 0 fall between two points
z = np.arange(-10, 10, h) + h / 2
phi = np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
Phi = np.cumsum(phi) * h - phi * h / 2


def E(values: npt.NDArray[np.floating[Any]]) -> float:
    """The mean of a function of z ~ N(0, 1), given as its values."""
    return float(np.sum(values * phi) * h)


def gradient_error(law: float) -> float:
    """Of the ratio of powers of 200,000 normal gradients, p = 0.3, where the ratio is ``law``: κ = 3."""
    return law * math.sqrt(3 * 0.3 / (0.7 * 200_000))


def trained(rule: str, column: int, half: int) -> float:
    """A number of the stored table of section 9, or half the width of its interval."""
    found = STORED.search(CELLS["training"])
    assert found
    return float(ast.literal_eval(found[0][found[0].index("{") :])[rule][2 + column][half])


class Fact(NamedTuple):
    """A number as printed, the cells that print it, what it is, and how it comes about."""

    printed: str
    cells: tuple[str, ...]
    what: str
    compute: Callable[[], float]


FACTS = [
    Fact("0.70", ("two-quantities",), "variance at p = 0.3, s = 1", lambda: 1 - 0.3),
    Fact("30%", ("two-quantities",), "share of zeros", lambda: 0.3),
    Fact(
        "0.002",
        ("left-guess",),
        "bound on the standard errors, n = 10⁶ (mean 0.0008, variance 0.0013, s",
        lambda: (
            math.ceil(1000 * max(math.sqrt(0.7 / 1e6), math.sqrt((3 * 0.7 - 0.7**2) / 1e6), math.sqrt(0.21 / 1e6)))
            / 1000
        ),
    ),
    Fact("+42.9%", ("pytorch",), "variance, 1/(1-p), p = 0.3", lambda: 1 / 0.7 - 1),
    Fact("43%", ("contract",), "the same, rounded", lambda: 1 / 0.7 - 1),
    Fact("2", ("pytorch",), '"double" at p = 0.5', lambda: 1 / 0.5),
    Fact("3.33", ("pytorch",), "at p = 0.7", lambda: 1 / 0.3),
    Fact("0.71", ("hints",), "0.7 ** -1/2", lambda: 0.7**-1 / 2),
    Fact("0.35", ("hints",), "0.7 ** 1/2", lambda: 0.7**1 / 2),
    Fact("4", ("hints",), "2 ** 3/2", lambda: 2**3 / 2),
    Fact("2", ("hints",), "s, where a quarter survives", lambda: math.sqrt(1 / 0.25)),
    Fact("70%", ("hints",), "true for 70 % of the draws", lambda: 0.7),
    Fact("1.429", ("hints",), "1/(1-p), p = 0.3", lambda: 1 / 0.7),
    Fact("5", ("second-moment",), "mean, N(10, 1), p = 0.75, s = 1/√q: s q μ", lambda: 2 * 0.25 * 10),
    Fact("76", ("second-moment", "setup"), "variance, s²q(σ² + pμ²)", lambda: 1 + 0.75 * 10**2),
    Fact("10", ("second-moment",), "mean, inverted", lambda: 4 * 0.25 * 10),
    Fact("304", ("second-moment",), "variance, inverted", lambda: 16 * 0.25 * (1 + 0.75 * 100)),
    Fact("101", ("second-moment",), "second moment of x, and of y", lambda: 5**2 + 76),
    Fact("101", ("second-moment",), "the same from x", lambda: 10**2 + 1),
    Fact("0.399", ("second-moment",), "mean after ReLU", lambda: 1 / math.sqrt(2 * math.pi)),
    Fact("0.341", ("second-moment",), "variance after ReLU", lambda: 0.5 - 1 / (2 * math.pi)),
    Fact(
        "0.389",
        ("second-moment",),
        "variance after ReLU and the layer, p = 0.3: σ² + pμ²",
        lambda: 0.5 - 1 / (2 * math.pi) + 0.3 / (2 * math.pi),
    ),
    Fact(
        "0.500", ("second-moment",), "second moment after ReLU, and after the layer", lambda: E(np.maximum(z, 0) ** 2)
    ),
    Fact("1253", ("setup",), "(1/0.7)²⁰", lambda: 0.7**-20),
    Fact("0.0008", ("setup",), "0.7²⁰", lambda: 0.7**20),
    Fact("1", ("twenty-layers-guess",), "contract, (s²q)²⁰", lambda: (1 / math.sqrt(0.7)) ** 2 * 0.7),
    Fact(
        "40%",
        ("twenty-layers-question",),
        "dropped in Hendrycks & Gimpel's Fig. 1, where the keep rate is 0.6 (re",
        lambda: 1 - 0.6,
    ),
    Fact("99.7%", ("training-question",), "Φ of half the distance, 0.35·√64", lambda: math.erfc(-2.8 / 2**0.5) / 2),
    Fact("35", ("training-question",), "s²⁰ for s = 1/(1-p), over that of a correct layer", lambda: 0.7**-10),
    Fact("0.693", ("training-question",), "log 2", lambda: math.log(2)),
    Fact("17", ("training-question",), "learning rates tried", lambda: len(RATES)),
    Fact("0.001", ("training-question",), "the lowest of them", lambda: min(RATES)),
    Fact("10", ("training-question",), "the highest", lambda: max(RATES)),
    *(
        Fact(
            printed, ("training-question",), f"section 9: {rule}, column {column}", partial(trained, rule, column, half)
        )
        for rule, column, numbers in (
            ("yours", 0, ("0.227", "0.116")),
            ("no rescaling", 0, ("0.156", "0.112")),
            ("inverted, W/s", 0, ("0.170", "0.101")),
            ("no rescaling", 2, ("61.4", "8.8")),
            ("no rescaling", 3, ("93.1", "8.9")),
            ("yours", 1, ("0.203", "0.103")),
        )
        for half, printed in enumerate(numbers)
    ),
    Fact("0.5", ("table-question",), "E[ReLU²]", lambda: E(np.maximum(z, 0) ** 2)),
    Fact("0.5", ("table-check",), "E[ReLU′²]", lambda: E(1.0 * (z > 0))),
    Fact("0.425", ("table-check",), "E[GELU²], as published", lambda: E((z * Phi) ** 2)),
    Fact("0.394", ("table-check",), "E[tanh²], as published", lambda: E(np.tanh(z) ** 2)),
    Fact(
        "0.645",
        ("table-check",),
        "E[ELU²], as published",
        lambda: E(np.where(z > 0, z, np.expm1(np.minimum(z, 0))) ** 2),
    ),
    Fact("0.464", ("table-question",), "E[tanh′²]", lambda: E((1 - np.tanh(z) ** 2) ** 2)),
    Fact("0.4644", ("table-question",), "the same", lambda: E((1 - np.tanh(z) ** 2) ** 2)),
    Fact("0.456", ("table-question",), "E[GELU′²]", lambda: E((Phi + z * phi) ** 2)),
    Fact("0.668", ("table-question",), "E[ELU′²]", lambda: E(np.exp(2 * np.minimum(z, 0)))),
    Fact("0.2157", ("table-question",), "E[tanh′²]²", lambda: E((1 - np.tanh(z) ** 2) ** 2) ** 2),
    Fact("0.2157", ("table-question",), "0.4644²", lambda: 0.4644**2),
    Fact("0.367", ("table-question",), "E[tanh′]², Jensen's bound", lambda: E(1 - np.tanh(z) ** 2) ** 2),
    Fact(
        "0.0005",
        ("table-question",),
        "bound on the standard error of a mean of 10⁶ draws of f′² (tanh 0.0003",
        lambda: (
            math.ceil(
                1e4
                * max(
                    math.sqrt(E(d**4) - E(d**2) ** 2)
                    for d in (1 - np.tanh(z) ** 2, Phi + z * phi, np.exp(np.minimum(z, 0)))
                )
                / 1000
            )
            / 1e4
        ),
    ),
    Fact("1253", ("teaching",), "(1/0.7)²⁰", lambda: 0.7**-20),
    Fact("0.0008", ("teaching",), "0.7²⁰", lambda: 0.7**20),
    Fact("76", ("teaching",), "variance, N(10, 1), p = 0.75", lambda: 1 + 0.75 * 10**2),
    Fact("0.75", ("teaching",), "p at which s = 2", lambda: 1 - 1 / 2**2),
    Fact("1.25", ("teaching",), "s at p = 0.36", lambda: 1 / math.sqrt(1 - 0.36)),
    Fact("1.5625", ("teaching",), "inverted dropout at p = 0.36", lambda: 1 / (1 - 0.36)),
    Fact("0.389", ("teaching",), "variance after ReLU and the layer", lambda: 0.5 - 0.7 / (2 * math.pi)),
    Fact("0.70", ("play",), "mean and power at p = 0.3, s = 1", lambda: 1 - 0.3),
    Fact("0.003", ("price-figure",), "standard error of the gradient's power, yours", lambda: gradient_error(1)),
    Fact(
        "0.004", ("price-figure",), "standard error of the gradient's power, inverted", lambda: gradient_error(1 / 0.7)
    ),
    Fact("0.70", ("which-when",), "power of x/s at p = 0.3, of x", lambda: (1 / (1 / math.sqrt(0.7))) ** 2),
    Fact("23.91", ("which-when",), "Hendrycks & Gimpel, Table 2: CIFAR-100, keep 0.7, before", lambda: 23.91),
    Fact("22.48", ("which-when",), "the same, after", lambda: 22.48),
    Fact("22.65", ("which-when",), "Table 2: CIFAR-100, keep 0.8, before", lambda: 22.65),
    Fact("22.17", ("which-when",), "the same, after", lambda: 22.17),
    Fact("64%", ("exit-ticket",), "survivors at p = 0.36", lambda: 1 - 0.36),
    Fact("1.25", ("exit-ticket",), "1/√0.64", lambda: 1 / math.sqrt(0.64)),
    Fact("1", ("exit-ticket",), "1.25² · 0.64", lambda: 1.25**2 * 0.64),
    Fact("1.5625", ("exit-ticket",), "1/0.64", lambda: 1 / 0.64),
    Fact("2.33", ("exit-ticket",), "s = 1/√p at p = 0.3", lambda: 0.7 / 0.3),
    Fact("1.4", ("exit-ticket",), "s = √2 at p = 0.3", lambda: 0.7 * 2),
]


@pytest.mark.parametrize("fact", FACTS, ids=[f"{fact.printed} {fact.what}" for fact in FACTS])
def test_a_stated_number_is_the_computed_one(fact: Fact) -> None:
    bare = fact.printed.rstrip("%").lstrip("+")
    value = fact.compute() * (100 if fact.printed.endswith("%") else 1)
    assert round(value, len(bare.partition(".")[2])) == float(bare)
    assert fact.cells
    for cell in fact.cells:
        assert bare in CELLS[cell], f"cell {cell} no longer states {fact.printed}"


def test_no_proposal_of_the_second_prediction_keeps_the_variance() -> None:
    """A to D must not give the answer away: each leaves the band of 10 % somewhere."""
    proposals: list[Callable[[float], float]] = [
        lambda p: 1.0,
        lambda p: 1 + p,
        lambda p: 1 / (1 - p),
        lambda p: (1 + 1 / (1 - p)) / 2,
    ]
    for scale in proposals:
        ratios = [scale(p) ** 2 * (1 - p) for p in np.arange(1, 10) / 10]
        assert max(abs(ratio - 1) for ratio in ratios) > 0.1


def test_where_each_proposal_leaves_the_band() -> None:
    """teaching.md: A and B from p = 0.2 on, C at once, D from 0.5 on."""

    def first_outside(scale: Callable[[float], float]) -> float:
        return next(float(p) for p in np.arange(1, 10) / 10 if abs(scale(p) ** 2 * (1 - p) - 1) > 0.1 + 1e-9)

    assert first_outside(lambda p: 1.0) == 0.2
    assert first_outside(lambda p: 1 + p) == 0.2
    assert first_outside(lambda p: 1 / (1 - p)) == 0.1
    assert first_outside(lambda p: (1 + 1 / (1 - p)) / 2) == 0.5


@pytest.mark.parametrize("p", [0.1, 0.3, 0.75])
def test_unit_scaling_keeps_the_mean_from_training_to_evaluation(p: float) -> None:
    """Section 12: inverted dropout times 1/s is s·m·x, and x/s has the mean of it."""
    q, s = 1 - p, (1 - p) ** -0.5
    assert math.isclose(1 / q / s, s)
    assert math.isclose(1 / s, s * q)
    assert math.isclose((1 / s) ** 2, q)


def test_the_variance_after_a_relu_could_be_kept_for_one_mean_alone() -> None:
    """teaching.md, exit ticket 3."""
    mean, variance, p = 1 / math.sqrt(2 * math.pi), 0.5 - 1 / (2 * math.pi), 0.3
    law = variance / (variance + p * mean**2)
    assert math.isclose(law * (variance + p * mean**2), variance)
    assert law < 1


def test_sections_are_numbered_and_named_by_their_numbers() -> None:
    texts = [source for name, source in CELLS.items() if name != "teaching"]
    numbers = [int(found) for source in texts for found in re.findall(r"^## (\d+) · ", source, flags=re.M)]
    assert numbers == list(range(1, len(numbers) + 1))
    named = {int(found) for source in CELLS.values() for found in re.findall(r"[Ss]ections? (\d+)", source)}
    assert named <= set(numbers)
    assert "## 14 · Exit ticket" in CELLS["exit-ticket"]
    assert "exit ticket is in section 14" in CELLS["second-moment"]


def test_the_check_draws_as_the_lesson_does() -> None:
    """Each has the function, since the check depends on no other cell; what differs is how they import."""
    bodies = []
    for cell, name, docstring in (("setup", "on_page", 1), ("check", "as_svg", 2)):  # the second imports matplotlib
        (function,) = [
            node for node in ast.parse(CELLS[cell]).body if isinstance(node, ast.FunctionDef) and node.name == name
        ]
        body = ast.unparse(ast.Module(function.body[docstring:], []))
        bodies.append(body.replace("io.StringIO", "StringIO").replace("html.escape", "escape").replace("INKS", "DARK"))
    assert bodies[0] == bodies[1]
