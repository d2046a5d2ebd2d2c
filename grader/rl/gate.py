"""What has to hold before a level is trained on, tried on instances: ``python -m grader gate``.

The right answer is worth 1, five times of five; the files as handed out 0, or 1 where nothing is wrong; every attack 0;
the visible test passes the right answer; and the prompt says what is judged.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from grader.api import Grader, Settings
from grader.exercises.dropout.laws import LAWS
from grader.exercises.dropout.laws.options import LawOptions
from grader.result import Outcome
from grader.rl.attacks import attacks, corpus, under
from grader.rl.instance import SCRIPT, TEST, TIMEOUT_S, Draft, Instance, instance
from grader.rl.judge import judge
from grader.rl.visible import Site

GOLD = 5  # times that a right answer is judged: each time with other hidden questions
ATTACK_S = 1.0  # of processor time for an attack: one that hangs has had enough
TEST_S = 120  # for a visible test of the right answer, by the clock
Tell = Callable[[str], None]


@dataclass
class Row:
    """One level's tries and those that came out as they should, by kind; ``wrong``: what did not, in words."""

    level: str
    tried: Counter[str] = field(default_factory=Counter)
    held: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def note(self, kind: str, holds: bool, otherwise: str) -> None:
        self.tried[kind] += 1
        self.held[kind] += holds
        if not holds:
            self.wrong.append(f"{kind}: {otherwise}")


KINDS = ("gold", "untouched", "attacks", "visible test", "prompt")


def gate(
    levels: Sequence[str],
    seeds: Sequence[int],
    tell: Tell = lambda line: None,
    isolation: str = "auto",
    times: int = GOLD,
) -> list[Row]:
    """A row for each level; ``tell`` hears of what does not hold, and of each level's end. ``times``: that a right
    answer is judged."""
    rows = []
    judging = Settings(evidence="enough", execute="none", isolation=isolation, timeout_s=TIMEOUT_S)
    with Grader(judging) as patient, Grader(replace(judging, timeout_s=ATTACK_S)) as strict:
        for level in levels:
            row, started = Row(level), time.monotonic()
            for seed in seeds:
                _try(row, instance(level, seed), patient, strict, times)
            row.seconds = round(time.monotonic() - started, 1)
            rows.append(row)
            for line in (*row.wrong, "  ".join(cells(row))):
                tell(line)
    return rows


def _try(row: Row, one: Instance, patient: Grader, strict: Grader, times: int) -> None:
    said: set[str] = set()
    for _ in range(times):
        judged = judge(one, one.gold, patient)
        row.note("gold", judged.value == 1.0, f"{one.key} is {judged.value}: {judged.feedback}")
        said |= {rule for rule, outcome in judged.rules.items() if outcome != Outcome.NOT_JUDGED}
    judged = judge(one, one.files, patient)
    row.note("untouched", judged.value == float(one.right_at_start), f"{one.key} is {judged.value}: {judged.feedback}")
    for attack in attacks(one):
        first = (one.options[attack.site], *(o for k, o in enumerate(one.options) if k != attack.site))
        judged = judge(replace(one, options=first), attack.files, strict)
        row.note("attacks", judged.value == 0.0, f"{one.key}, {attack.name}: {judged.value}, {judged.feedback}")
    if TEST in one.files:
        code, output = run_test(one)
        row.note("visible test", code == 0, f"{one.key}: {output[-300:]}")
    unsaid = [*missing(one, said)]
    row.note("prompt", not unsaid, f"{one.key} does not say {', '.join(unsaid)}")


def run_test(one: Instance) -> tuple[int, str]:
    """The exit code and the output of the visible test on the right answer, which is ours, and needs no walls."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in one.gold.items():
            (Path(folder) / name).write_text(text, encoding="utf-8")
        done = subprocess.run(
            [sys.executable, TEST], cwd=folder, capture_output=True, text=True, timeout=TEST_S, check=False
        )
    return done.returncode, done.stdout + done.stderr


def missing(one: Instance, judged: set[str]) -> Iterator[str]:
    """What is judged, or limited, and not in the prompt, word for word; and what must not be there, and is."""
    draft, prompt = Draft.of(one.level, one.seed, one.index), " ".join(one.prompt.split())
    yield from (rule for rule in sorted(judged) if f"**{rule} " not in prompt)
    for site in draft.sites:
        extra = f", {site.law.argument}={site.law.default!r}" if site.law.argument else ""
        named = f"`{site.name}(p=0.5, rng=None{extra})`"
        wanted = [named] if draft.axes.handed_out else [named, site.law.statement, site.law.dropped.rstrip(",")]
        yield from (text for text in wanted if " ".join(text.split()) not in prompt)
    yield from (text for text in ("10⁴" if draft.axes.handed_out else "10⁶", f"{TIMEOUT_S} s") if text not in prompt)
    runs = {None: "as often as you like", 0: "cannot run code"}.get(one.executions, f"run code {one.executions} times")
    if runs not in prompt:
        yield runs
    if draft.axes.stated is not ("right" in prompt and ("already" in prompt or "as they are" in prompt)):
        yield "whether it may be right already"
    yield from (f"nothing of the answer (it holds {line!r})" for line in told_lines(one) if "√" not in prompt)


def told_lines(one: Instance) -> list[str]:
    """Lines of the right answer that are not in the file as handed out, and are told beside it all the same."""
    handed_out = [one.prompt, *(text for name, text in one.files.items() if name != SCRIPT)]
    lines = {line.strip() for line in set(one.gold[SCRIPT].splitlines()) - set(one.files[SCRIPT].splitlines())}
    told = {line for line in lines if len(line) > 20 and any(line in text for text in handed_out)}
    return sorted(line for line in told if not line.startswith("class "))


# --- the corpus ---------------------------------------------------------------------------------------------------


def corpus_gate(
    laws: Sequence[str], tell: Tell = lambda line: None, isolation: str = "auto", every: int = 1
) -> list[Row]:
    """Every attack that the tests keep, under every law: a row for each law. ``every``: one of so many, others for
    each law."""
    rows = []
    settings = Settings(evidence="enough", execute="none", isolation=isolation, timeout_s=ATTACK_S)
    with Grader(settings) as grader:
        for number, law in enumerate(laws):
            row, started, site = Row(law), time.monotonic(), Site("SomeLayer", LAWS[law])
            options = LawOptions(law=law, class_name=site.name)
            for name, source in list(corpus().items())[number % every :: every]:
                grade = grader.grade_source(under(source, site), options)
                row.note("attacks", grade.reward == 0.0, f"{law}, {name}: {grade.reward}, {grade.feedback}")
            row.seconds = round(time.monotonic() - started, 1)
            rows.append(row)
            for line in (*row.wrong, "  ".join(cells(row))):
                tell(line)
    return rows


# --- shown --------------------------------------------------------------------------------------------------------


def cells(row: Row) -> list[str]:
    shown = [f"{row.held[kind]} of {row.tried[kind]}" if row.tried[kind] else "–" for kind in KINDS]
    return [row.level, *shown, f"{row.seconds:.0f} s"]


def table(rows: Sequence[Row]) -> str:
    """In Markdown."""
    head = [
        "level",
        "gold is 1",
        "untouched is 0, or right",
        "attacks are 0",
        "test passes gold",
        "prompt says all",
        "time",
    ]
    lines = [head, ["---"] * len(head), *(cells(row) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
