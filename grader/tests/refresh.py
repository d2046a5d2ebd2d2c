"""Brings what is derived up to date: ``python -m grader.tests.refresh`` (tests fail until it has been run).

- into the notebook's first cell: where the axes of its figures lie, as constrained layout finds it;
- into the notebook's check cell: the shared parts of the modules ``SHARED``, the records of the mistakes without hints
  and examples, which would hold the answer, and the digest of the cell as it is handed out;
- from the notebook: ``assets/task_prompt.md`` and ``notebooks/submissions/``;
- into ``released.txt``: the fingerprints of the check, by which it is known when it comes back after a later change.
"""

from __future__ import annotations

import ast
import copy
import hashlib
import json
import re
import textwrap
from dataclasses import fields, is_dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from grader.exercises.dropout import known
from grader.exercises.dropout.exercise import RELEASED
from grader.exercises.dropout.mistakes import EXAMPLES, MISTAKES
from grader.exercises.interface import load
from grader.files import write
from grader.sandbox.inside.lockdown import DESCRIPTORS, FOLDER_BYTES, PROCESSES
from grader.settings import Settings
from grader.submissions.task import Task, check_fingerprints
from grader.tests.support import lesson

ROOT = Path(__file__).parents[2]
HANDOUT = load("dropout").handout
TASK = HANDOUT.notebook
SUBMISSIONS = ROOT / "notebooks" / "submissions"
PROMPT = ROOT / "assets" / "task_prompt.md"
BEGIN, END = (f"# --- shared with the notebook's check cell: {mark}\n" for mark in ("begin", "end"))
SHARED = [
    Path(known.__file__).parent / name
    for name in ("rules.py", "derivation.py", "flow.py", "mistakes/record.py", "diagnosis.py")
]
IMPORTS = """\
import ast
import math
import operator
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
"""  # of all of them together

# The samples: a name, the changes to the implementation cell, the diagnosis they deserve.
SAMPLES: dict[str, tuple[str, str]] = {
    "01_untouched": (known.START, "not attempted"),
    "02_sqrt": (known.REFERENCE, "correct"),
    "03_power": (known.repaired(("scale = 1.0 / keep_prob", "scale = keep_prob**-0.5")), "correct"),
    "04_inverted_in_other_words": (EXAMPLES["inverted dropout"][1], "inverted dropout"),
    "05_root_of_p": (EXAMPLES["root of p"][0], "root of p"),
    "06_root_not_inverted": (EXAMPLES["root not inverted"][0], "root not inverted"),
    "07_precedence": (EXAMPLES["** before /"][0], "** before /"),
    "08_mask_reversed": (EXAMPLES["mask reversed"][0], "mask reversed"),
    "09_one_coin": (EXAMPLES["one coin for the whole array"][0], "one coin for the whole array"),
    "10_scale_from_the_data": (
        EXAMPLES["scale measured from the data"][0],
        "scale measured from the data",
    ),
    "11_evaluation_scaled": (
        EXAMPLES["evaluation is not the identity"][0],
        "evaluation is not the identity",
    ),
    "12_same_mask_every_call": (EXAMPLES["masks repeat"][0], "masks repeat"),
}


def shared_part() -> str:
    sources = [path.read_text(encoding="utf-8") for path in SHARED]
    parts = [source.partition(BEGIN)[2].partition(END)[0].strip("\n") for source in sources]
    *before, diagnosis = parts
    return "\n\n\n".join([f"{IMPORTS}\n{before[0]}", *before[1:], records(), diagnosis, ""])


def records() -> str:
    """The table of the mistakes, as the check cell has it."""
    lines = ["# fmt: off", "MISTAKES = ("]
    for mistake in MISTAKES:
        lines += [f"    Mistake({mistake.name!r},", *_wrapped(mistake.sentence)]
        if mistake.when:
            lines += ["        when={"]
            for fact, sentence in mistake.when.items():
                lines += [f"        {fact!r}:", *_wrapped(sentence)]
            lines += ["        },"]
        if mistake.faults:
            lines += [f"        faults={mistake.faults!r},"]
        if mistake.signs:
            signs = (_made(replace(sign, label="", side="right")) for sign in mistake.signs)
            lines += ["        signs=(", *(f"            {sign}," for sign in signs), "        ),"]
        lines += ["    ),"]
    return "\n".join([*lines, ")", "# fmt: on"])


def _wrapped(sentence: str) -> list[str]:
    """A string in pieces that fit into lines."""
    pieces = [f"        {piece!r}" for piece in textwrap.wrap(sentence, 106, drop_whitespace=False)]
    return [*pieces[:-1], f"{pieces[-1]},"]


def _made(value: Any) -> str:
    """A record as the call that makes it, without what is left at its default."""
    if not is_dataclass(value):
        return repr(value)
    said = [f"{one.name}={_made(now)}" for one in fields(value) if (now := getattr(value, one.name)) != one.default]
    return f"{type(value).__name__}({', '.join(said)})"


def with_shared_part(check: str) -> str:
    """A check cell's source with the shared part between its marks."""
    head, begin, rest = check.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the check cell has lost its marks {BEGIN!r} and {END!r}")
    return head + begin + shared_part() + end + tail


def with_digest(check: str, start: str) -> str:
    """A check cell's source that knows the untouched cell; the check itself makes the digest."""
    (made,) = [each for each in ast.parse(check).body if isinstance(each, ast.FunctionDef) and each.name == "digest"]
    names: dict[str, Any] = {"ast": ast, "hashlib": hashlib}
    exec(compile(ast.Module([made], []), "<check>", "exec"), names)
    line = f'UNTOUCHED = "{names["digest"](start)}"'
    changed, times = re.subn(r'^UNTOUCHED = "\w*"', line, check, flags=re.M)
    if times != 1:
        raise ValueError("the check cell has lost its line UNTOUCHED")
    return changed


def with_frames(setup: str) -> str:
    """The first cell's source with the places of the axes that constrained layout finds: it takes a quarter of the time
    of all cells, and always finds the same."""
    lines = (f'    "{name}": {lesson.frame(figure)},\n' for name, figure in lesson.figures(constrained=True).items())
    changed, times = re.subn(r"^(FRAMES = \{.*\n)[^}]*", lambda found: found[1] + "".join(lines), setup, flags=re.M)
    if times != 1:
        raise ValueError("the first cell has lost its table FRAMES")
    return changed


def tagged(notebook: dict[str, Any], tag: str) -> dict[str, Any]:
    (cell,) = [cell for cell in notebook["cells"] if tag in cell["metadata"].get("tags", ())]
    found: dict[str, Any] = cell
    return found


def dumped(notebook: dict[str, Any]) -> str:
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def sample(task: dict[str, Any], source: str) -> dict[str, Any]:
    """The task notebook with another implementation cell."""
    notebook = copy.deepcopy(task)
    tagged(notebook, "implementation")["source"] = source.rstrip("\n").splitlines(keepends=True)
    return notebook


def prompt(task: dict[str, Any]) -> str:
    """The task in words, with the contract of the notebook, its rules in order."""
    text = "".join("".join(cell["source"]) + "\n" for cell in task["cells"] if cell["cell_type"] == "markdown")
    contract = re.sub(r"\n?</?details>.*\n", "", between(text, "contract"))  # a prompt is not folded
    head, *rules = re.split(r"^(?=- \*\*R)", contract, flags=re.M)
    *rules, last = rules
    last, _, rest = last.partition("\n\n")
    bullets = sorted((rule.strip() for rule in [*rules, last]), key=lambda rule: int(rule[5:].split()[0]))
    (derivation,) = [rule for rule in bullets if rule.startswith("- **R9 ")]
    counted = f"{derivation.partition(' What counts')[0]} {between(text, 'R9')}"  # here nothing is derived before it
    listed = textwrap.fill(" ".join(counted.split()), 118, subsequent_indent="  ", break_on_hyphens=False)
    bullets[bullets.index(derivation)] = listed
    contract = "\n\n".join([head.strip(), "\n".join(bullets), rest.strip()])
    usual = Settings()
    name, script, check = HANDOUT.class_name, HANDOUT.script, HANDOUT.script_check
    return f"""# Variance-stabilized dropout: repair one line

`{script}` holds the class `{name}`, a dropout layer in numpy. It was meant to keep the variance of zero-mean
activations in training, and it does not: at p = 0.3 the variance of its output is 43 % too large. Find the line that is
wrong, derive what it should be, and repair it. (In the notebook the same class is the cell tagged `implementation`.)

{contract}

## Working on it

- Edit `{script}` only; `python {check}` tries your layer and names what is wrong. It must stay as it is.
- The grading is statistical, on inputs and rates that you do not see, and takes your source alone. A right layer passes
  whatever the random numbers are.
- Nothing but numpy and the standard library is needed. Your file is imported as a module, so what stands below
  `if __name__ == "__main__":` does not run.
- Limits, for all questions together: {usual.timeout_s:g} s of processor time, {usual.memory_mib >> 10} GiB of memory,
  {PROCESSES} threads and processes, {DESCRIPTORS} open files, {FOLDER_BYTES >> 20} MiB on disk, no network.
"""


def between(text: str, name: str) -> str:
    found = re.search(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", text, re.S)
    if found is None:
        raise ValueError(f"no cell of the task notebook holds the part {name} between its marks")
    return found[1]


def not_released() -> list[str]:
    """Fingerprints of the check as it is now that are not recorded yet."""
    return [each for each in check_fingerprints(Task.load(HANDOUT)) if each not in RELEASED.read_text(encoding="utf-8")]


def main() -> None:
    task = json.loads(TASK.read_text(encoding="utf-8"))
    (setup,) = [cell for cell in task["cells"] if cell["id"] == "setup"]
    setup["source"] = with_frames("".join(setup["source"])).splitlines(keepends=True)
    check = tagged(task, "check")
    start = "".join(tagged(task, "implementation")["source"])
    check["source"] = (
        with_digest(with_shared_part("".join(check["source"])), start).rstrip("\n").splitlines(keepends=True)
    )
    write(TASK, dumped(task))  # whole or not at all: somebody may read it meanwhile
    write(PROMPT, prompt(task))
    with RELEASED.open("a", encoding="utf-8") as released:
        released.writelines(f"{new}  {date.today()}\n" for new in not_released())
    SUBMISSIONS.mkdir(exist_ok=True)
    for name, (source, _) in SAMPLES.items():
        write(SUBMISSIONS / f"{name}.ipynb", dumped(sample(task, source)))


if __name__ == "__main__":
    main()
