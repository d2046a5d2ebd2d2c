"""The lesson's cells: filled in as a learner would, and what each of them costs."""

from __future__ import annotations

from grader.errors import SandboxError
from grader.exercises.dropout import known
from grader.exercises.dropout.mistakes import EXAMPLES
from grader.exercises.interface import load
from grader.sandbox.box import Box
from grader.submissions.task import Task

HANDOUT = load("dropout").handout
GUESSES = {
    "left-guess": "(0, 0.7, 0.3)",
    "scale-guess": '"D"',
    "break-it-guess": "(5, 76)",
    "twenty-layers-guess": "(1253, 1, 0.0008)",
}
STATES = {
    "unsolved": known.START,
    "wrong": EXAMPLES["wrong type"][0],
    "solved": known.REFERENCE,
}


def code_cells(source: str, guess: bool = True) -> dict[str, str]:
    """The lesson's code cells by their ids, with this implementation, and with or without guesses."""
    task = Task.load(HANDOUT)
    cells = {}
    for cell, raw in zip(task.cells, task.raw["cells"], strict=True):
        if cell.type == "code":
            name = str(raw.get("id", cell.index))
            text = source if "implementation" in cell.tags else cell.source
            cells[name] = text.replace("guess = None", f"guess = {GUESSES.get(name)}") if guess else text
    return cells


def cell_times(source: str, guess: bool) -> dict[str, float]:
    """CPU seconds of each code cell of the lesson, by its id, in a kernel behind the walls."""
    named = code_cells(source, guess)
    clock = ("code", "import time; print(time.process_time())")
    cells = [clock, *(cell for text in named.values() for cell in (("code", text), clock))]
    with Box("auto", timeout_s=120.0, memory_mib=4096) as box:
        executed, outcome = box.run_notebook(cells)
    if outcome != "ran":
        raise SandboxError(f"the lesson did not run: {outcome}")
    at = [float(cell.outputs[-1]["text"].split()[-1]) for cell in executed.cells[::2]]
    return {name: after - before for name, before, after in zip(named, at[:-1], at[1:], strict=True)}


def table() -> list[str]:
    """As Markdown, for the lesson untouched, repaired and half repaired."""
    times = {state: cell_times(source, guess=state != "unsolved") for state, source in STATES.items()}
    lines = [f"| cell | {' | '.join(times)} |", f"|---|{'---|' * len(times)}"]
    names = list(next(iter(times.values())))
    lines += [f"| {name} | {' | '.join(f'{each[name]:.2f}' for each in times.values())} |" for name in names]
    totals = (sum(seconds for name, seconds in each.items() if name != names[0]) for each in times.values())
    return [*lines, f"| **all after the imports** | {' | '.join(f'**{total:.2f}**' for total in totals)} |"]
