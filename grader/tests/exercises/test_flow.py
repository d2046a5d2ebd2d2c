"""What is found in the code is on the way from p to the result, whatever else the cell holds."""

from __future__ import annotations

import ast
import time

import pytest

from grader.exercises.dropout.flow import code_facts
from grader.exercises.dropout.known import MASK, RETURN_X, SCALE, repaired, scaled
from grader.submissions.source import parse

PRODUCT = "y = x * mask * scale"
METHOD = "    def __call__"
PROPERTY = "    @property\n    def s(self):"


def facts(source: str) -> frozenset[str]:
    return code_facts(ast.parse(source))


@pytest.mark.parametrize(
    "source",
    [
        scaled("1 / np.sqrt(keep_prob)"),
        scaled("(1.0 - self.p) ** -0.5"),
        scaled("np.exp(-0.5 * np.log1p(-self.p))"),
        scaled("np.power(keep_prob, -0.5) if self.p else 1.0"),
        repaired((PRODUCT, "y = x * mask; y /= np.sqrt(keep_prob)")),
        repaired((PRODUCT, "y = np.empty(x.shape); np.divide(x * mask, np.sqrt(keep_prob), out=y)")),
        repaired((PRODUCT, "y = np.zeros(x.shape); y[mask] = x[mask] / np.sqrt(keep_prob)")),
        repaired((SCALE, "root, scale = np.sqrt(keep_prob), 1.0"), (PRODUCT, "y = x * mask / root")),
        repaired((SCALE, "f = lambda q: 1 / np.sqrt(q)\n        scale = f(keep_prob)")),
        "def factor(q):\n    return 1 / np.sqrt(q)\n\n\n" + scaled("factor(keep_prob)"),
        repaired(("self.p = p\n", "self.p = p\n        self.s = (1 - p) ** -0.5\n"), (SCALE, "scale = self.s")),
        repaired((SCALE, "scale = self.s"), (METHOD, f"{PROPERTY}\n        return (1 - self.p) ** -0.5\n\n{METHOD}")),
        repaired((SCALE, "if (root := np.sqrt(keep_prob)) > 0:\n            scale = 1 / root")),
        repaired(("self.p = p\n", "super().__init__()\n        self.p = p\n"), (SCALE, "scale = (1 - self.p) ** -0.5")),
        repaired((SCALE, "with np.errstate(all='ignore'):\n            scale = 1 / np.sqrt(keep_prob)")),
        repaired((SCALE, "for _ in range(2):\n            scale = 1 / np.sqrt(keep_prob)")),
    ],
)  # fmt: skip
def test_the_right_factor_is_found_where_it_is_used(source: str) -> None:
    assert "the right factor" in facts(source)


@pytest.mark.parametrize(
    "source",
    [
        "from math import sqrt\n" + repaired(),
        "ROOT = np.sqrt(0.5)\n" + repaired(),
        repaired((SCALE, f"root = np.sqrt(keep_prob)\n        {SCALE}")),
        repaired((SCALE, f"scale = 1 / np.sqrt(keep_prob)\n        {SCALE}")),
        repaired((SCALE, f"print(1 / np.sqrt(keep_prob))\n        {SCALE}")),
        repaired((SCALE, f"assert np.sqrt(keep_prob) > 0\n        {SCALE}")),
        repaired((SCALE, f"if self.p > 1:\n            return x * mask / np.sqrt(keep_prob)\n        {SCALE}")),
        repaired((SCALE, "scale = 1 / np.sqrt(keep_prob) if self.p > 0.5 else 1 / keep_prob")),
        repaired((RETURN_X, "if not self.training:\n            return x * np.sqrt(1 - self.p)")),
        repaired((SCALE, "scale = 1 / np.sqrt(0.7)")),  # right at one rate
        repaired((SCALE, "if self.p:\n            return x * mask / keep_prob\n        scale = np.sqrt(keep_prob)")),
        repaired((METHOD, f"    def factor(self):\n        return 1 / np.sqrt(1 - self.p)\n\n{METHOD}")),
        repaired((MASK, "mask = np.sqrt(self.rng.random(x.shape)) < np.sqrt(keep_prob)")),
        scaled("1 / np.sqrt(keep_prob ** 2)"),
        scaled("1 / np.sqrt(self.p)"),
        scaled("np.sqrt(1 / keep_prob ** 3)"),
        repaired(('    """Dropout', '    """1 / np.sqrt(1 - p)')),
    ],
)
def test_a_root_that_the_result_does_not_come_from_is_not(source: str) -> None:
    assert "the right factor" not in facts(source)


@pytest.mark.parametrize(
    ("mask", "compares"),
    [
        ("self.rng.random(x.shape) >= keep_prob", True),
        ("(np.random.rand(*x.shape) < self.p).astype(float)", True),
        ("np.where(self.rng.uniform(size=x.shape) > self.p, 0.0, 1.0)", True),
        ("self.rng.binomial(1, self.p, x.shape)", False),
        ("self.rng.binomial(1, self.p, x.shape) > 0", False),
        ("self.rng.choice([0, 1], x.shape, p=[keep_prob, self.p])", False),
        ("~(self.rng.random(x.shape) < keep_prob)", False),
        ("1 - (self.rng.random(x.shape) < keep_prob)", False),
        ("np.logical_not(self.rng.random(x.shape) < keep_prob)", False),
    ],
)
def test_a_comparison_is_one_of_random_numbers(mask: str, compares: bool) -> None:
    assert ("comparison" in facts(repaired((MASK, f"mask = {mask}")))) is compares


@pytest.mark.parametrize(
    ("scale", "precedes"),
    [
        ("keep_prob ** -1/2", True),
        ("1 / keep_prob ** 1/2", True),
        ("(1 / keep_prob) ** 1/2", True),
        ("0.5 / keep_prob", False),
        ("keep_prob ** (-1/2)", False),
        ("keep_prob / 2", False),
    ],
)
def test_a_power_that_is_divided_is_seen(scale: str, precedes: bool) -> None:
    assert ("** before /" in facts(scaled(scale))) is precedes


@pytest.mark.parametrize(
    "source",
    [
        "",
        "x = 1",
        "class VarianceStabilizedDropout: pass",
        "class VarianceStabilizedDropout:\n    def forward(x): return self.forward(x)",
        "class VarianceStabilizedDropout:\n    def forward(*x): return 9.0 ** 9 ** 9 ** 9 + 10 ** -400 + 1 % 0",
        "class VarianceStabilizedDropout:\n    def forward(self, x): return " + "-" * 2_000 + "x",
        "class VarianceStabilizedDropout:\n    def forward(self, x): return " + "x + " * 20_000 + "x",
        f"class VarianceStabilizedDropout:\n    def forward(self, x): return {10**400}",
        "".join(f"def f{k}(x): return {' + '.join(9 * [f'f{k + 1}(x)'])}\n" for k in range(60))
        + "class VarianceStabilizedDropout:\n    def forward(self, x): return f0(x)",
        "class VarianceStabilizedDropout:\n    def __init__(self, *, p, **q): self.a.b.c[0], *d = p\n"
        "    def forward(self, x):\n        match x:\n            case [a, *b]: return a\n"
        "        return super().forward(x)",
    ],
    ids=range(10),
)
def test_code_of_any_kind_is_read_in_no_time(source: str) -> None:
    tree = parse(source) or ast.Module([], [])
    started = time.process_time()
    assert code_facts(tree) == frozenset()
    assert time.process_time() - started < 1.0
