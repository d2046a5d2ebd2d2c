"""What a teacher asks first of a class: how many are right, what to teach next, and whom to write to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from grader.report.entries import Entry, by_diagnosis
from grader.result import Status

NO_FILE = (Status.BAD_NOTEBOOK, Status.NO_CELL)  # nothing in it could be graded
CODE = (Status.RAISED, Status.TIMED_OUT, Status.KILLED)  # it did not run to its end
GROUPS = {  # in the order of the page: what each is called, and what it is
    "teach": ("To teach", "mistakes in what the layer computes"),
    "python": ("Python", "code that does not run to its end"),
    "chase": ("To chase up", "nothing that could be graded, or a check that came back changed"),
    "correct": ("Correct", "every rule holds"),
}


def headline(entries: Sequence[Entry]) -> str:
    """ "12 of 40 correct · 10 could not be graded: ask for the file · most frequent mistake: no scale (7)"."""
    parts = [f"{sum(entry.passed for entry in entries)} of {len(entries)} correct"]
    if unread := sum(entry.status in NO_FILE for entry in entries):
        parts.append(f"{unread} could not be graded: ask for the file")
    if failed := sum(entry.status is Status.GRADER_ERROR for entry in entries):
        parts.append(f"on {failed} the grader failed: give the same command again")
    mistakes = Counter(entry.diagnosis for entry in entries if group_of(entry) == "teach")
    name, count = min(mistakes.items(), key=lambda mistake: (-mistake[1], mistake[0]), default=("", 0))
    if count > 1:  # of mistakes that were made once, none is the most frequent
        parts.append(f"most frequent mistake: {name} ({count})")
    return " · ".join(parts)


def group_of(entry: Entry) -> str:
    if entry.passed:
        return "correct"
    if entry.status in CODE:
        return "python"
    return "teach" if entry.status is Status.GRADED and not entry.cheated else "chase"


def clusters(entries: Sequence[Entry], hints: Mapping[str, str]) -> list[dict[str, Any]]:
    """Who made which mistake, the most frequent first."""
    return [
        {
            "name": name,
            "anchor": anchor(name),
            "count": len(group),
            "kind": group[0].kind,
            "group": group_of(group[0]),
            "sentence": group[0].feedback,
            "hint": hints.get(name, ""),
            "who": group,
        }
        for name, group in by_diagnosis(entries)
    ]


def groups(found: Sequence[dict[str, Any]], absent: Sequence[str]) -> list[dict[str, Any]]:
    """The clusters by what is to be done about them; ``absent`` are those of whom nothing is there."""
    listed = []
    for key, (title, what) in GROUPS.items():
        own = [cluster for cluster in found if cluster["group"] == key]
        missing = list(absent) if key == "chase" else []
        count = sum(cluster["count"] for cluster in own) + len(missing)
        listed.append({"key": key, "title": title, "what": what, "count": count, "clusters": own, "absent": missing})
    return listed


def anchor(diagnosis: str) -> str:
    """Where in the class page a mistake stands."""
    return f"mistake-{'-'.join(diagnosis.split())}"
