"""Visible tests that say whether a layer passes, and no more. They measure, and hold no answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from grader.exercises.dropout.laws.record import Law

RATES = {"F1": (0.3, 0.5, 0.7), "F2": (0.5,)}
N = 1_000_000  # numbers in a call: five standard errors of the widest inputs fit into the tolerance


class Site(NamedTuple):
    """A class that is to keep a law."""

    name: str
    law: Law


def visible_test(sites: Sequence[Site], feedback: str, script: str) -> str:
    """The file for feedback F1 or F2, for classes in ``script``."""
    module = script.removesuffix(".py")
    names = ", ".join(site.name for site in sites)
    math = "import math\n" if any("math." in site.law.check.inputs for site in sites) else ""
    functions = "\n\n".join(_function(number, site) for number, site in enumerate(sites))
    holds = " and ".join(f"holds_{number}(p)" for number in range(len(sites)))
    rates = RATES[feedback]
    rates_shown = f"({', '.join(map(str, rates))}{',' if len(rates) == 1 else ''})"
    return f'''"""Says "passed" or "failed": python test_{script} exits 0 if it passes."""

{math}import sys

import numpy as np
from {module} import {names}

n = {N:_}


{functions}

passed = all({holds} for p in {rates_shown})


def test_the_layers():
    assert passed


if __name__ == "__main__":
    print("passed" if passed else "failed")
    sys.exit(0 if passed else 1)
'''


def _function(number: int, site: Site) -> str:
    law, check = site.law, site.law.check
    argument = f", {law.argument}=t" if law.argument else ""
    numbers = ", ".join(check.numbers)
    values = f"({', '.join(map(str, check.at))},)"
    return f"""def holds_{number}(p):
    rng = np.random.default_rng(1)
    for t in {values}:
        x = {check.inputs}
        y = {site.name}(p, rng=2{argument})(x)
        if not all(abs(number - 1) < {check.tolerance} for number in ({numbers},)):
            return False
    return True
"""
