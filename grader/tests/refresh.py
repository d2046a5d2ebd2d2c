"""Brings what is derived up to date: ``python -m grader.tests.refresh`` (tests fail until it has been run).

- into the notebook's check cell: the shared parts of ``exercise/rules.py``, ``derivation.py`` and ``diagnosis.py``;
- from the notebook: ``assets/task_prompt.md`` and ``notebooks/submissions/``.
"""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

from grader.exercise import known
from grader.notebook import CLASS
from grader.task import NOTEBOOK, SCRIPT, SCRIPT_CHECK

ROOT = Path(__file__).parents[2]
TASK = ROOT / "notebooks" / NOTEBOOK
SUBMISSIONS = ROOT / "notebooks" / "submissions"
PROMPT = ROOT / "assets" / "task_prompt.md"
BEGIN, END = (f"# --- shared with the notebook's check cell: {mark}\n" for mark in ("begin", "end"))
SHARED = [Path(known.__file__).with_name(f"{name}.py") for name in ("rules", "derivation", "diagnosis")]
IMPORTS = """\
import ast
import math
from collections.abc import Callable
from dataclasses import dataclass, field
"""  # of all three together

# The samples: a name, the changes to the implementation cell, the diagnosis they deserve.
SAMPLES: dict[str, tuple[str, str]] = {
    "01_untouched": (known.START, "not attempted"),
    "02_sqrt": (known.REFERENCE, "correct"),
    "03_power": (known.repaired(("scale = 1.0 / keep_prob", "scale = keep_prob**-0.5")), "correct"),
    "04_inverted_in_other_words": (known.MISTAKES["inverted dropout"][1], "inverted dropout"),
    "05_root_of_p": (known.MISTAKES["root of p"][0], "root of p"),
    "06_root_not_inverted": (known.MISTAKES["root not inverted"][0], "root not inverted"),
    "07_precedence": (known.MISTAKES["** before /"][0], "** before /"),
    "08_mask_reversed": (known.MISTAKES["mask reversed"][0], "mask reversed"),
    "09_one_coin": (known.MISTAKES["one coin for the whole array"][0], "one coin for the whole array"),
    "10_scale_from_the_data": (
        known.MISTAKES["scale measured from the data"][0],
        "scale measured from the data",
    ),
    "11_evaluation_scaled": (
        known.MISTAKES["evaluation is not the identity"][0],
        "evaluation is not the identity",
    ),
    "12_same_mask_every_call": (known.MISTAKES["masks repeat"][0], "masks repeat"),
}


def shared_part() -> str:
    sources = [path.read_text(encoding="utf-8") for path in SHARED]
    parts = [source.partition(BEGIN)[2].partition(END)[0].strip("\n") for source in sources]
    return "\n\n\n".join([f"{IMPORTS}\n{parts[0]}", *parts[1:], ""])


def with_shared_part(check: str) -> str:
    """A check cell's source with the shared part between its marks."""
    head, begin, rest = check.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the check cell has lost its marks {BEGIN!r} and {END!r}")
    return head + begin + shared_part() + end + tail


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
    """The task in words, with the contract of the notebook's cell 9."""
    text = "".join("".join(cell["source"]) for cell in task["cells"] if cell["cell_type"] == "markdown")
    found = re.search(r"<!-- contract -->\n(.*?)<!-- /contract -->", text, re.S)
    if found is None:
        raise ValueError("no cell of the task notebook holds the contract between its marks")
    return f"""# Variance-stabilized dropout: repair one line

`{SCRIPT}` holds the class `{CLASS}`, a dropout layer in numpy. It was meant to keep the variance of zero-mean
activations in training, and it does not: at p = 0.3 the variance of its output is 43 % too large. Find the line that is
wrong, derive what it should be, and repair it. (In the notebook the same class is the cell tagged `implementation`.)

{found[1].strip()}

## Working on it

- Edit `{SCRIPT}` only; `python {SCRIPT_CHECK}` tries your layer and names what is wrong. It must stay as it is.
- The grading is statistical, on inputs and rates that you do not see, and takes your source alone. A right layer passes
  whatever the random numbers are.
- Nothing but numpy and the standard library is needed.
"""


def main() -> None:
    task = json.loads(TASK.read_text(encoding="utf-8"))
    check = tagged(task, "check")
    check["source"] = with_shared_part("".join(check["source"])).rstrip("\n").splitlines(keepends=True)
    TASK.write_text(dumped(task), encoding="utf-8")
    PROMPT.write_text(prompt(task), encoding="utf-8")
    SUBMISSIONS.mkdir(exist_ok=True)
    for name, (source, _) in SAMPLES.items():
        (SUBMISSIONS / f"{name}.ipynb").write_text(dumped(sample(task, source)), encoding="utf-8")


if __name__ == "__main__":
    main()
