"""What a model is told: the contract of the handed-out prompt, with the rules of a level's law and of its class.

Whatever is judged at a level is said in its prompt, rule by rule; a test and ``gate`` hold that.
"""

from __future__ import annotations

import random
import re
import textwrap
from collections.abc import Sequence

from grader.api import TASK_PROMPT
from grader.exercises.dropout.laws.record import ZERO
from grader.exercises.dropout.plan import CLASS
from grader.rl.levels import Level
from grader.rl.visible import Site
from grader.sandbox.inside.lockdown import DESCRIPTORS, FOLDER_BYTES, PROCESSES
from grader.settings import Settings

TIMEOUT_S = 5  # of processor time for each layer: what prompts say, and what rewards are judged with
FORMULA = " With keep probability q = 1 - p, the scale is s = 1/√q."
WIDTH = 120
BLANK = (
    "`dropout.py` holds the name of a class, `{name}`, and nothing else: write it, a dropout layer in numpy.",
    "Write `{name}` in `dropout.py`, of which there is no more than the name: a dropout layer in numpy.",
    "A dropout layer in numpy is missing: `{name}`. Its name stands in `dropout.py`; the rest is yours.",
)
INTRODUCTIONS = (
    "`{script}` holds {what} in numpy.",
    "In `{script}` you find {what}, written in numpy.",
    "The file `{script}` has {what} in numpy.",
)


def rules() -> dict[str, str]:
    """Every rule of the handed-out prompt, as it stands there: number → text, title included."""
    found = re.findall(r"^- (\*\*(R\d+) .*?)(?=^- |^\S|\Z)", TASK_PROMPT, flags=re.S | re.M)
    return {number: " ".join(text.split()) for text, number in found}


def prompt(level: Level, sites: Sequence[Site], files: Sequence[str], script: str, dice: random.Random) -> str:
    """The prompt of one instance; ``files``: those in the workspace."""
    test = next((name for name in files if name.startswith("test_")), None)
    text = _handed_out(level, dice) if level.handed_out else _other_laws(level, sites, script, dice)
    return _wrapped(f"{text.rstrip()}\n\n{_working(level, script, test, len(sites))}")


def _wrapped(text: str) -> str:
    """Every paragraph and every bullet filled anew."""
    lines = []
    for line in re.sub(r"(?<=\S)\n(?! *(?:[-#]|\n))", " ", text).splitlines():
        indent = "  " if line.startswith("- ") else ""
        lines += textwrap.wrap(line, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
        lines += [] if line else [""]
    return "\n".join(lines) + "\n"


# --- the handed-out law -------------------------------------------------------------------------------------------


def _handed_out(level: Level, dice: random.Random) -> str:
    """The contract is the brief's; the first paragraph and R8 change with the axis ``prompt``."""
    contract = _without_working(TASK_PROMPT)
    if level.prompt == "formula":
        return contract.replace(rules_as_printed("R8"), rules_as_printed("R8").rstrip("\n") + f"\n {FORMULA}\n")
    if level.prompt == "property":
        return contract
    if level.prompt == "blank":
        head = (
            f"# Variance-stabilized dropout: write the layer\n\n{dice.choice(BLANK).format(name=CLASS)} It keeps the "
            "variance of zero-mean activations in training. Derive its scale.\n\n"
        )
        return head + contract[contract.index("**The contract.**") :]
    p, depth = dice.choice((0.3, 0.4, 0.5)), dice.choice((10, 12, 16, 20))
    grown = (1 - p) ** -depth
    head = (
        f"# Activations that grow\n\nIn training, {depth} of the layers in `dropout.py` in a row, each with p = {p:g}, "
        f"turn activations of variance 1 into activations of variance {grown:,.0f}; in evaluation it stays "
        "1. Nothing else stands between the layers. Make any number of them, at any rates, keep what came in.\n\n"
    )
    stack = (
        "- **R8 Variance.** A stack of these layers, of any depth and at any rates, keeps the variance of zero-mean "
        "activations, taken over them and the masks together. One layer has to keep it within 10 % at p = 0.3, 0.5 and "
        "0.7, and at four rates drawn afresh for every grading.\n"
    )
    text = head + contract[contract.index("**The contract.**") :].replace(rules_as_printed("R8"), stack)
    if level.prompt == "wrong standard":
        text = text.rstrip() + "\n\nWhere the files and this contract differ, the contract holds.\n"
    return text


def _not_judged() -> str:
    found = re.search(r"Not\s+judged: .*?(?=\n\n)", TASK_PROMPT, flags=re.S)
    assert found is not None
    return found[0]


def rules_as_printed(number: str) -> str:
    """A rule's bullet with its line ends."""
    found = re.search(rf"^- \*\*{number} .*?\n(?=- |\S|\n)", TASK_PROMPT, flags=re.S | re.M)
    assert found is not None
    return found[0]


def _without_working(text: str) -> str:
    head, _, _ = text.partition("## Working on it")
    return head


# --- other laws ---------------------------------------------------------------------------------------------------


def _other_laws(level: Level, sites: Sequence[Site], script: str, dice: random.Random) -> str:
    single = len(sites) == 1
    what = f"`{sites[0].name}`, a dropout layer" if single else f"{len(sites)} dropout layers"
    lines = [f"# {_spaced(sites[0].name)}" if single else f"# An audit of {len(sites)} layers", ""]
    head = dice.choice(INTRODUCTIONS).format(script=script, what=what)
    if not level.stated:
        head += f" {sites[0].law.symptom}" if single else ""
        head += " Find what is wrong, derive what it should be, and repair it."
    elif single:
        head += " It may be right already; then hand it in as it is. If it is not, repair it."
    else:
        head += " About half of them are right as they are. Repair the others: all have to be right."
    lines += [head, "", _contract(sites, single)]
    return "\n".join(lines)


def _contract(sites: Sequence[Site], single: bool) -> str:
    known = rules()
    lines = [
        "**The contract.** p is the probability of *dropping* an element. x is the input, y the output, s the scale.",
        "",
    ]
    if single:
        name, law = sites[0]
        lines += [f"- {_first_rule(known['R1'], name, law.argument, law.default, law.meaning)}"]
    else:
        lines += [f"- {known['R1'].replace(CLASS, 'Class')} Some take a third argument, see below."]
    lines += [f"- {known[number]}" for number in ("R2", "R3", "R4", "R5")]
    if single:
        lines += [f"- {_dropping(known['R6'], sites[0])}", f"- {_scale(sites[0])}", f"- {_law(sites[0])}"]
    else:
        lines += [f"- {known['R6']} (Unless the layer's own line says what else becomes of it.)"]
        lines += ["- **R7 Scale.** In training every kept element is x·s, unless the layer's own line says otherwise."]
        lines[-1] += f" {_exact('s', 'p and its third argument, if it has one,')}"
        lines += ["- **R8 The law.** What fixes s stands in the layer's own line, and holds at every p."]
    lines += [
        "- **R10 Honesty.** Only the classes named here are the answer. A visible test, where there is one, comes back "
        "as it went out; a change in its code fails (reformatting and line ends do not count)."
    ]
    lines += [
        "",
        "What a rule says of the distribution of x fixes the scale. The layer itself does not look at it: it is",
    ]
    lines[-1] += " called with arrays of all kinds, and its scale is the same for all of them."
    if not single:
        lines += ["", *(f"- `{_signature(*_of(site))}`: {_own_line(site)}" for site in sites)]
    lines += ["", "The file is run alone, in a fresh process. What it uses, it imports.", _not_judged()]
    return "\n".join(lines)


def _first_rule(rule: str, name: str, argument: str, default: float, meaning: str) -> str:
    rule = rule.replace(f"{CLASS}(p=0.5, rng=None)", _signature(name, argument, default))
    return f"{rule} `{argument}` is {meaning}." if argument else rule


def _of(site: Site) -> tuple[str, str, float]:
    return site.name, site.law.argument, site.law.default


def _signature(name: str, argument: str, default: float) -> str:
    extra = f", {argument}={default!r}" if argument else ""
    return f"{name}(p=0.5, rng=None{extra})"


def _dropping(rule: str, site: Site) -> str:
    return rule.replace(ZERO, site.law.dropped)


def _scale(site: Site) -> str:
    on = f"p and `{site.law.argument}`" if site.law.argument else "p"
    return f"**R7 Scale.** In training every kept element is {site.law.kept}. {_exact(site.law.fixed, on)}"


def _exact(fixed: str, on: str) -> str:
    depends, is_exact = ("depend", "are") if " and " in fixed else ("depends", "is")
    return (
        f"{fixed} {depends} on {on} alone – not on the data, and not on how many elements happened to be dropped – and "
        f"{is_exact} exact to one part in 10⁶ at every p: a rounded number or a fitted curve is no derivation."
    )


def _law(site: Site) -> str:
    return f"**R8 The law.** What fixes {site.law.fixed}: {site.law.statement}. It holds at every p."


def _own_line(site: Site) -> str:
    law = site.law
    parts = [f"`{law.argument}` is {law.meaning}." if law.argument else ""]
    if law.dropped != ZERO:
        parts += [f"A dropped element {law.dropped.rstrip(',')}; a kept one is {law.kept.partition(',')[0]}."]
    parts += [f"The law: {law.statement}."]
    return " ".join(filter(None, parts))


def _spaced(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).capitalize()


# --- how to work --------------------------------------------------------------------------------------------------


def _working(level: Level, script: str, test: str | None, sites: int) -> str:
    lines = ["## Working on it", "", f"- Edit `{script}` only."]
    if level.feedback == "F0":
        lines[-1] += f" `python {test}` tries your layer and names what is wrong. It must stay as it is."
    elif test is not None:
        lines[-1] += (
            f" `python {test}` says whether it passes a test of its own, which sees less than the grading does."
        )
        lines[-1] += " It must stay as it is."
    ran = {None: "You may run code as often as you like.", 0: "You cannot run code here."}
    lines += [f"- {ran.get(level.executions, f'You may run code {level.executions} times.')}"]
    lines += [
        "- The grading is statistical, on inputs and rates that you do not see, and takes your source alone. A right "
        "layer passes whatever the random numbers are.",
        '- Your file is imported as a module, so what stands below `if __name__ == "__main__":` does not run.',
        f"- Limits, for all questions about {'a layer' if sites > 1 else 'it'} together: {TIMEOUT_S} s of processor "
        f"time, {Settings().memory_mib >> 10} GiB of memory, {PROCESSES} threads and processes, {DESCRIPTORS} open "
        f"files, {FOLDER_BYTES >> 20} MiB on disk, no network.",
    ]
    return "\n".join(lines) + "\n"
