"""The commands that show and try the ladder. Light until one is given."""

from __future__ import annotations

from argparse import ArgumentTypeError
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from grader.errors import NOT_PASSED, OK


def add_to(commands: Any) -> None:
    """Add them to the subparsers of the command line."""
    levels = commands.add_parser("levels", help="show the ladder for training, or one of its tasks")
    levels.add_argument("level", nargs="?", metavar="LEVEL", help="such as L5, or L8,sites=32")
    levels.add_argument("--seed", type=int, default=0, metavar="N", help="default: 0")
    levels.add_argument("--index", type=int, default=0, metavar="N", help="default: 0")
    levels.set_defaults(call=_levels)
    gate = commands.add_parser("gate", help="try levels: right answers pass, nothing else does, prompts say it all")
    gate.add_argument("--levels", type=words, default=("all",), metavar="L1,…", help="default: all, held-out ones too")
    gate.add_argument("--seeds", type=span, default=range(20), metavar="FIRST:END", help="default: 0:20")
    gate.add_argument("--corpus", action="store_true", help="the attacks of the tests under every law as well")
    gate.add_argument("--isolation", choices=("auto", "required"), default="auto", help="default: %(default)s")
    gate.set_defaults(call=_gate)


def words(text: str) -> tuple[str, ...]:
    """``L1;L8,sites=32``: levels with other values on an axis have commas of their own."""
    return tuple(part.strip() for part in text.split(";" if ";" in text or "=" in text else ","))


def span(text: str) -> range:
    """``0:20``, or one seed. Raises ``ArgumentTypeError`` where there is none."""
    first, _, end = text.partition(":")
    with suppress(ValueError):
        if seeds := range(int(first), int(end) if end else int(first) + 1):
            return seeds
    raise ArgumentTypeError(f"seeds are the first and the one after the last, such as 0:20; got {text!r}")


def _levels(level: str | None, seed: int, index: int) -> int:
    from grader.rl.instance import instance
    from grader.rl.levels import EVALUATION, FEEDBACK, LEVELS

    if level is None:
        for each in (*LEVELS.values(), *EVALUATION.values()):
            runs = {None: "runs code freely", 0: "runs no code"}.get(
                each.executions, f"runs code {each.executions} times"
            )
            sites = f"{each.sites} layer{'s' if each.sites > 1 else ''}"
            print(f"{each.name:<4} {each.about:<54} {sites:<10} {each.feedback} {FEEDBACK[each.feedback]}; {runs}")
        print("\npython -m grader levels L5 --seed 3 shows a task of one; L6x and L8x are for evaluation alone.")
        return OK
    task = instance(level, seed, index)
    print(task.prompt)
    for name, text in task.files.items():
        print(f"{f'--- {name} ':-<100}\n{text}")
    return OK


def _gate(levels: Sequence[str], seeds: range, corpus: bool, isolation: str) -> int:
    from grader.exercises.dropout.laws import LAWS
    from grader.rl.gate import corpus_gate, gate, table
    from grader.rl.levels import EVALUATION, LEVELS, level_of

    chosen = [*LEVELS, *EVALUATION] if levels == ("all",) else list(levels)
    for name in chosen:
        level_of(name)
    rows = gate(chosen, seeds, print, isolation)
    of_corpus = corpus_gate(list(LAWS), print, isolation) if corpus else []
    print(f"\n{table(rows)}")
    if of_corpus:
        print(f"\n{table(of_corpus)}")
    return OK if not any(row.wrong for row in (*rows, *of_corpus)) else NOT_PASSED
