"""The class report, a page for each submission, and the feedback that students get: HTML files that need no network.

Feedback holds one student's own page without seeds, commands and other students.
"""

from __future__ import annotations

import base64
import difflib
import hashlib
import math
import re
import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from grader.errors import OutputError
from grader.files import write
from grader.report import classmap
from grader.report.entries import Entry, by_diagnosis, in_order, shown
from grader.report.exports import RULES, bears
from grader.report.feedback import for_student, is_terse
from grader.report.figures import description
from grader.report.hints import HINTS
from grader.report.markup import asset, ours, render
from grader.result import ClassReport, Grade, Grading, Outcome, count_line

OUTPUT_CHARACTERS = 4000  # of what a submission printed: its end
SOURCE_LINES = 2000  # of an answer, its beginning; the lesson's has 33
NAME_BYTES = 150


def write_report(
    gradings: Iterable[Grading], folder: Path, planted: str, defaults: dict[str, Any], *, anew: bool = True
) -> Path:
    """Write ``index.html``, ``submissions/*.html`` and ``feedback/*.html``; returns the first one's path.

    ``gradings`` are gone through twice, one in memory at a time. ``planted``: the cell as it was handed out;
    ``defaults``: settings that a replay need not name; ``anew``: write also the pages that are those of these gradings.
    Raises ``OutputError``.
    """
    try:
        return _write_report(gradings, folder, planted, defaults, anew=anew)
    except OSError as error:
        raise OutputError.of(error) from error


def _write_report(
    gradings: Iterable[Grading], folder: Path, planted: str, defaults: dict[str, Any], *, anew: bool
) -> Path:
    entries = [Entry.of(grading) for grading in gradings]
    for name in ("submissions", "feedback"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    due = _due(entries, folder, anew=anew)
    for grading in gradings if due else ():
        own = due.get(grading.number)
        if own is None:
            continue
        write(_page_of(folder, grading), submission_page(grading, own, folder, planted, defaults))
        if grading.counted:
            write(_feedback_of(folder, grading), feedback_page(grading, own, folder, planted))
    index = folder / "index.html"
    write(index, class_page(entries))
    return index


def _due(entries: Sequence[Entry], folder: Path, *, anew: bool) -> dict[int, list[Entry]]:
    """The numbers of the gradings whose pages are to be written, each with all that its student has handed in."""
    students: dict[str, list[Entry]] = {}
    for entry in entries:
        students.setdefault(entry.student, []).append(entry)
    due = {}
    last = {entry.submission: entry for entry in sorted(entries, key=lambda entry: entry.counted)}  # or what counts
    for entry in last.values():
        own = students[entry.student]
        pages = [_page_of(folder, entry)] + [_feedback_of(folder, entry)] * entry.counted
        stamp = _stamp(entry, own, folder)
        if anew or not all(bears(page, stamp) for page in pages):
            due[entry.number] = own
    return due


def _stamp(what: Grading | Entry, own: Iterable[Entry], folder: Path) -> str:
    """Of the page that a grading has among all that its student has handed in, with or without a figure."""
    parts = [what.stamp, *(f"{entry.stamp} {entry.counted}" for entry in own), str(bool(_figure(folder, what)))]
    return f"sha256-{hashlib.sha256(' '.join(parts).encode()).hexdigest()}"


def _figure(folder: Path, what: Grading | Entry) -> Path | None:
    """That of this grading and of no earlier one."""
    name = what.grade.submission if isinstance(what, Grading) else what.submission
    path = folder / "figures" / f"{name}.svg"
    return path if bears(path, what.stamp) else None


def class_page(entries: Sequence[Entry]) -> str:
    counted = [entry for entry in entries if entry.counted]
    levels = Counter(entry.isolation for entry in counted)
    times = sorted(entry.at for entry in counted)
    return render(
        "class.html",
        script=asset("table.js"),
        versions=_listed(part for entry in counted for part in entry.versions),
        settings=_listed(part for entry in counted for part in entry.settings),
        isolation=_listed(f"{level}: {count}" for level, count in levels.items()),
        period=_listed(map(_time, times[:1] + times[-1:])),
        variance=classmap.variances(counted),
        rules=RULES,
        rows=[_row(entry) for entry in in_order(counted)],
        **_class(counted),
    )


def class_fragment(report: ClassReport) -> str:
    """For a notebook: the count line, the map as an image, and who made which mistake."""
    values = _class([Entry.of(grading) for grading in report.counted])
    style = asset("drawing.css") + "svg { background: #fff; }"
    drawing = render("map.svg", alone=ours(style), **values)
    image = f"data:image/svg+xml;base64,{base64.b64encode(drawing.encode()).decode()}"
    return render("fragment.html", map_text=values["map"]["text"], map_image=image, **values)


def submission_page(
    grading: Grading, own: Sequence[Entry], folder: Path, planted: str, defaults: dict[str, Any]
) -> str:
    """``own``: everything that this student has handed in."""
    drawn = _figure(folder, grading)
    return render(
        "submission.html",
        title=f"{grading.student}, attempt {grading.attempt}",
        figure=f"../figures/{quote(drawn.name)}" if drawn else "",
        replay=_replay(grading, defaults),
        versions=", ".join(f"{name} {version}" for name, version in grading.versions.items()),
        stamp=_stamp(grading, own, folder),
        **_page(grading, own, planted),
    )


def feedback_page(grading: Grading, own: Sequence[Entry], folder: Path, planted: str) -> str:
    """One file that can be sent to its student: nothing secret, nobody else, the figure in it."""
    drawn = None if is_terse(grading) else _figure(folder, grading)  # its dots are what was measured
    image = base64.b64encode(drawn.read_bytes()).decode() if drawn else ""
    return render(
        "submission.html",
        title=grading.student,
        feedback=True,
        figure=f"data:image/svg+xml;base64,{image}" if image else "",
        stamp=_stamp(grading, own, folder),
        **_page(for_student(grading), own, planted),
    )


def file_name(student: str) -> str:
    """A student's name as a file's: no folders, no hidden files, and two students never share one."""
    printable = "".join(sign if sign.isprintable() and sign not in "/\\" else "_" for sign in student)
    safe = printable.lstrip(".") or "_"
    short = safe.encode()[:NAME_BYTES].decode("utf-8", "ignore")
    return short if short == student else f"{short}-{hashlib.sha256(student.encode()).hexdigest()[:8]}"


# --- what the templates show ---


def _class(entries: Sequence[Entry]) -> dict[str, Any]:
    clusters = [
        {
            "name": name,
            "count": len(group),
            "kind": group[0].kind,
            "sentence": group[0].feedback,
            "hint": HINTS.get(name, ""),
            "who": [_row(entry) for entry in group],
        }
        for name, group in by_diagnosis(entries)
    ]
    return {"count_line": count_line(entries), "map": classmap.fingerprints(entries), "clusters": clusters}


def _row(entry: Entry) -> dict[str, Any]:
    known = math.isfinite(entry.worst)
    return {
        "student": entry.student,
        "attempt": entry.attempt,
        "link": f"submissions/{quote(entry.submission)}.html",
        "kind": entry.kind,
        "verdict": entry.verdict,
        "diagnosis": entry.diagnosis,
        "error": f"{entry.worst:+.1%}" if known else "–",
        "error_key": f"{abs(entry.worst):.6f}" if known else "9",
        "outcomes": entry.outcomes,
    }


def _page(grading: Grading, own: Sequence[Entry], planted: str) -> dict[str, Any]:
    grade = grading.grade
    last = {entry.attempt: entry for entry in own}
    names = {n: entry.diagnosis if grade.diagnosis else entry.verdict for n, entry in sorted(last.items())}
    attempts = [f"{n}: {name}{', counts' if last[n].counted else ''}" for n, name in names.items()]
    memory = f", {grade.peak_mib:.0f} MiB" if grade.peak_mib else ""
    notebook = f", {grade.execution_s:.2f} s of it for the notebook" if grade.execution_s else ""
    return {
        "row": _row(Entry.of(grading)),
        "grade": grade,
        "findings": [{**vars(finding), "outcome": Outcome(finding.outcome).value} for finding in grade.findings],
        "figure_text": description(grade),
        "source": list(_source(grade)),
        "changes": list(_changes(planted, grade.source)),
        "output": _tail(grade.output),
        "cost": f"{grade.duration_s:.2f} s{notebook}{memory}",
        "attempts": "; ".join(attempts),
    }


def _source(grade: Grade) -> Iterator[dict[str, Any]]:
    """The answer's lines; marked is the one that the feedback names by its number."""
    named = re.search(r"\bline (\d+) of (?:cell \d+|\S+\.py)", grade.feedback)
    lines = grade.source.splitlines()
    for number, text in enumerate(lines[:SOURCE_LINES], 1):
        yield {"text": text, "here": named is not None and int(named[1]) == number}


def _changes(planted: str, source: str) -> Iterator[dict[str, str]]:
    if not source or source.count("\n") > SOURCE_LINES:
        return
    kinds = {"+": "plus", "-": "minus"}
    for line in list(difflib.unified_diff(planted.splitlines(), source.splitlines(), n=2, lineterm=""))[2:]:
        yield {"text": line, "kind": kinds.get(line[:1], "")}


def _tail(output: str) -> str:
    return output if len(output) <= OUTPUT_CHARACTERS else f"…{output[-OUTPUT_CHARACTERS:]}"


def _replay(grading: Grading, defaults: dict[str, Any]) -> str:
    """The command that comes to the same verdict again."""
    if grading.grade.seed is None:
        return ""
    words = ["python", "-m", "grader", "grade", grading.path, "--seed", str(grading.grade.seed)]
    for name, value in grading.settings.items():
        if name in defaults and name != "seed" and value != defaults[name]:
            option = f"--{name.replace('_', '-')}"
            words.append(option)
            if value is not True:
                words.append(shown(value).replace("/", ",") if isinstance(value, list) else str(value))
    return shlex.join(words)


def _time(at: str) -> str:
    return at.replace("T", " ").replace("+00:00", " UTC")


def _listed(texts: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(texts)) or "–"


# --- the files ---


def _page_of(folder: Path, what: Grading | Entry) -> Path:
    name = what.grade.submission if isinstance(what, Grading) else what.submission
    return folder / "submissions" / f"{name}.html"


def _feedback_of(folder: Path, what: Grading | Entry) -> Path:
    return folder / "feedback" / f"{file_name(what.student)}.html"
