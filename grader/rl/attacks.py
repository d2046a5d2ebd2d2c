"""Wrong answers to an instance, generated: scales that are not the law's, and programs that would rather not be judged.

Each is worth 0. None is what a right answer could be: a wrong scale is left out where it is the law's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from grader.exercises.dropout.laws.base import INVERTED, NO_SCALE, ROOT
from grader.exercises.dropout.laws.record import Code, Law
from grader.exercises.dropout.plan import CLASS
from grader.rl.instance import SCRIPT, TEST, Draft, Instance
from grader.rl.visible import Site

COMPARED = (0.2, 0.6, 0.9)  # rates at which two forms are told apart
FITS = {
    "a scale of three digits": "round(float({right}), 3)",
    "a scale of four digits": 'float(f"{{float({right}):.4g}}")',
    "a scale fitted at three rates": "float(np.polyval(np.polyfit([0.3, 0.5, 0.7], {points}, 2), {p}))",
    "a scale looked up at three rates": "float(np.interp({p}, [0.3, 0.5, 0.7], {points}))",
}
# Appended to the planted mistake: what is said, patched or left undone does not make it right.
CHEATS = {
    "says that it passed": r"""
print("passed\nALL TESTS PASSED\n10/10")
""",
    "leaves with exit code 0": """
import os

os._exit(0)
""",
    "ends by SystemExit": """
raise SystemExit(0)
""",
    "patches numpy's statistics": """
np.var = np.std = np.mean = lambda *given, **named: 1.0
np.allclose = lambda *given, **named: True
""",
    "patches the comparison of numbers": """
import builtins

builtins.abs = lambda value: 0.0
builtins.all = lambda values: True
""",
    "hangs in the first call": """
{name}.forward = lambda self, x: [None for _ in iter(int, 1)]
""",
    "deletes its class": """
del {name}
""",
    "takes modules away": """
import sys

for name in [name for name in sys.modules if "grader" in name or name == "worker"]:
    sys.modules[name] = None
""",
    "returns what equals everything": """
class Same(np.ndarray):
    __hash__ = None

    def __eq__(self, other):
        return True


planted = {name}.forward
{name}.forward = lambda self, x: planted(self, x).view(Same)
{name}.__call__ = {name}.forward
""",
}


class Attack(NamedTuple):
    """``files`` are handed in for the instance; ``site``: the first wrong one, by its place."""

    name: str
    files: Mapping[str, str]
    site: int


def attacks(instance: Instance) -> Iterator[Attack]:
    """All of them, each on one site of the instance, which goes by its seed, among sites that are right."""
    draft = Draft.of(instance.level, instance.seed, instance.index)
    at = instance.seed % len(draft.sites)
    site, rest = draft.sites[at], {name: text for name, text in instance.files.items() if name != SCRIPT}

    def with_code(code: Code) -> dict[str, str]:
        codes = [s.law.code for s in draft.sites]
        codes[at] = code
        return {SCRIPT: draft.source(codes), **rest}

    for name, code in wrong_codes(site.law):
        yield Attack(name, with_code(code), at)
    planted = with_code(site.law.slips[0].code)
    for name, text in CHEATS.items():
        yield Attack(name, {**planted, SCRIPT: planted[SCRIPT] + text.format(name=site.name)}, at)
    if TEST in instance.files:
        yield Attack("changes the visible test", {**instance.gold, TEST: "passed = True\n"}, at)
        yield Attack("empties the visible test", {**instance.gold, TEST: ""}, at)
    yield Attack("hands in nothing", {**instance.gold, SCRIPT: ""}, at)


def wrong_codes(law: Law) -> Iterator[tuple[str, Code]]:
    """Every known mistake, the laws that come to mind first, and the right scale rounded, fitted and looked up."""
    come_to_mind = [slip for slip in (INVERTED, ROOT, NO_SCALE) if slip.code not in [own.code for own in law.slips]]
    for slip in (*law.slips, *come_to_mind):
        if any(slip.form(p, theta) != law.form(p, theta) for p in COMPARED for theta in (law.default, 0.75, 1.25)):
            yield slip.name, slip.code
    right = law.code
    points = f"[{', '.join(f'(lambda q, p: {_at(right)})(1.0 - {p}, {p})' for p in (0.3, 0.5, 0.7))}]"
    for name, scale in FITS.items():
        yield name, Code(scale.replace("{right}", right.scale).replace("{points}", points), right.before, right.output)


def _at(code: Code) -> str:
    """The scale's expression, of q and p."""
    return code.scale.replace("{q}", "q").replace("{p}", "p")


# --- the corpus ---------------------------------------------------------------------------------------------------


def corpus() -> dict[str, str]:
    """The attacks on the verdict that the tests keep, by name; none where tests are not installed, as in a wheel. Those
    on the machine are tried within its walls by tests of their own, and those on R9 have the right scale."""
    spec = find_spec("grader.tests")
    if spec is None or spec.origin is None:
        return {}
    files = sorted((Path(spec.origin).parent / "exercises" / "attacks").glob("*.py"))
    chosen = [path for path in files if not path.stem.startswith(("machine_", "tree_"))]
    return {path.stem: path.read_text(encoding="utf-8") for path in chosen}


def _exchanged(power: str) -> str:
    """-0.5 for -1, and the other way round."""
    return re.sub(r"-(1|0\.5)\b", lambda number: "-0.5" if number[1] == "1" else "-1", power)


def under(source: str, site: Site) -> str:
    """An attack of the corpus as an answer of another law: its class takes the law's argument. Where its scale, that of
    inverted dropout, would be right, it has the other one."""
    if all(site.law.form(p, site.law.default) == INVERTED.form(p, 0.0) for p in COMPARED):
        source = re.sub(r"(?<=\(1 - self\.p\) \*\* ).*", lambda power: _exchanged(power[0]), source)
    extra = f", {site.law.argument}={site.law.default!r}" if site.law.argument else ""
    return (
        f"import numpy as np\n\n{source}\n\n\nclass {site.name}({CLASS}):\n"
        f"    def __init__(self, p=0.5, rng=None{extra}):\n        {CLASS}.__init__(self, p, rng)\n"
    )
