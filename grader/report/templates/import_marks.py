"""Put marks.json, which lies beside this file, into nbgrader's gradebook.

    python import_marks.py COURSE/gradebook.db [ASSIGNMENT]

Run it with the Python that has nbgrader. The marks are an assignment of their own with one notebook and one graded
cell; to run it again brings them up to date. An assignment of that name which holds anything else is left alone.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry

os.environ["PATH"] = (
    f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # nbgrader looks for alembic there
)
NOTEBOOK, CELL = "marks", "verdict"


def put(given: dict[str, Any], database: Path, assignment: str) -> int:
    """Returns how many marks were written."""
    with Gradebook(f"sqlite:///{database.absolute()}") as gradebook:
        try:
            others = {notebook.name for notebook in gradebook.find_assignment(assignment).notebooks} - {NOTEBOOK}
        except MissingEntry:
            others = set()
        if others:
            sys.exit(f"{assignment!r} has notebooks of its own ({', '.join(sorted(others))}): name another assignment")
        gradebook.update_or_create_assignment(assignment)
        gradebook.update_or_create_notebook(NOTEBOOK, assignment)
        gradebook.update_or_create_grade_cell(
            CELL, NOTEBOOK, assignment, max_score=given["max_score"], cell_type="code"
        )
        for mark in given["marks"]:
            gradebook.update_or_create_student(mark["student"])
            gradebook.update_or_create_submission(assignment, mark["student"], timestamp=mark["at"] or None)
            grade = gradebook.find_grade(CELL, NOTEBOOK, assignment, mark["student"])
            grade.auto_score = mark["score"]
            grade.needs_manual_grade = False
            gradebook.db.commit()
    return len(given["marks"])


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    marks = json.loads(Path(__file__).with_name("marks.json").read_text(encoding="utf-8"))
    name = sys.argv[2] if len(sys.argv) == 3 else marks["assignment"]
    print(f"{put(marks, Path(sys.argv[1]), name)} marks of {name} are in {sys.argv[1]}")
