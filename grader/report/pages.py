"""The class report, a page for each submission, and the feedback that students get: HTML files that need no network.

Feedback holds one student's page without seeds, commands and other students.
"""

from __future__ import annotations

import base64
import difflib
import math
import shlex
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from grader.errors import OutputError
from grader.exercises.interface import Exercise, load
from grader.files import own_folder, write
from grader.report import figures, overview
from grader.report.drawing import redraw
from grader.report.entries import Entry, count_line, in_order, percent, shown
from grader.report.exports import has_stamp
from grader.report.feedback import for_student, is_terse
from grader.report.hints import HINTS
from grader.report.map import class_map
from grader.report.markup import asset, ours, render
from grader.report.names import file_names
from grader.report.stamps import stamp
from grader.result import Grade, Grading, Outcome
from grader.settings import Settings

OUTPUT_CHARACTERS = 4000  # of what a submission printed: its end
SOURCE_LINES = 2000  # of an answer, its beginning; the lesson's has 33
BLOCK = 100  # rows of the class page, of which a browser lays out those in sight; style.css knows their height

Numbered = Callable[[Collection[int]], Iterable[Grading]]  # reads gradings by their numbers


def write_report(
    gradings: Iterable[Grading],
    folder: Path,
    planted: str,
    defaults: dict[str, Any],
    absent: Sequence[str] = (),
    numbered: Numbered | None = None,
) -> Path:
    """Write ``index.html``, ``submissions/*.html`` and ``feedback/*.html``, those that would be other than they are;
    returns the first one's path.

    ``gradings`` are gone through with one in memory at a time, and then those of which a page is due, which
    ``numbered`` reads by their numbers, if it can be had. ``planted``: the cell as it was handed out; ``defaults``:
    settings that a replay need not name; ``absent``: who has handed nothing in. Raises ``OutputError``.
    """
    try:
        entries = [Entry.of(grading) for grading in gradings]
        _write_pages(entries, numbered or (lambda _: gradings), folder, planted, defaults)
        index = folder / "index.html"
        made = stamp(*absent, *((entry.stamp, entry.counted) for entry in entries))
        if not has_stamp(index, made):
            write(index, class_page(entries, absent, made))
        return index
    except OSError as error:
        raise OutputError.of(error) from error


def _write_pages(
    entries: Sequence[Entry], numbered: Numbered, folder: Path, planted: str, defaults: dict[str, Any]
) -> None:
    for name in ("submissions", "feedback"):
        own_folder(folder, name)
    students: dict[str, list[Entry]] = {}
    for entry in entries:
        students.setdefault(entry.student, []).append(entry)
    names = file_names(students)
    # of the same name the one that counts, or else the last
    shown = {entry.submission: entry for entry in sorted(entries, key=lambda entry: entry.counted)}

    def due(entry: Entry) -> tuple[Sequence[Path], str]:
        """Of its page and its student's, those that are not there as they would be made, and the stamp of both."""
        attempts = [(each.stamp, each.counted) for each in students[entry.student]]
        made = stamp(planted, defaults, entry.stamp, _figure(folder, entry) is not None, attempts)
        pages = [folder / "submissions" / f"{entry.submission}.html"]
        pages += [folder / "feedback" / f"{names[entry.student]}.html"] * entry.counted
        return [page for page in pages if not has_stamp(page, made)], made

    def those(numbers: Collection[int]) -> Iterable[Grading]:
        return (grading for grading in numbered(numbers) if grading.number in numbers) if numbers else ()

    redraw(those({one.number for one in shown.values() if one.points and not _figure(folder, one)}), folder)
    for grading in those({entry.number for entry in shown.values() if due(entry)[0]}):
        entry, attempts = shown[grading.grade.submission], students[grading.student]
        pages, made = due(entry)
        figure = _figure(folder, entry)
        for page in pages:
            if page.parent.name == "feedback":
                write(page, feedback_page(grading, attempts, figure, planted, made))
            else:
                write(page, submission_page(grading, attempts, figure, planted, defaults, made))


def _figure(folder: Path, entry: Entry) -> Path | None:
    """That of this grading and of no earlier one."""
    path = folder / "figures" / f"{entry.submission}.svg"
    return path if entry.points and has_stamp(path, entry.stamp) else None


def class_page(entries: Sequence[Entry], absent: Sequence[str] = (), made: str = "") -> str:
    """``absent``: who has handed nothing in, where that is known; ``made``: the page's stamp."""
    counted = [entry for entry in entries if entry.counted]
    exercise = _exercise(entries)
    figure = figures.class_figure(exercise.chart, counted)
    text = f"{exercise.chart.text}, of {len(counted)} submissions"
    image = figures.render(figure, "svg", exercise.chart.title, text)
    levels = Counter(entry.isolation for entry in counted)
    times = sorted(entry.at for entry in counted)
    values = _class(counted)
    return render(
        "class.html",
        stamp=made,
        script=asset("table.js"),
        versions=_listed(part for entry in counted for part in entry.versions),
        settings=_listed(part for entry in counted for part in entry.settings),
        isolation=_listed(f"{level}: {count}" for level, count in levels.items()),
        period=_listed(map(_time, times[:1] + times[-1:])),
        title=exercise.title,
        chart_title=exercise.chart.title,
        chart_text=text,
        chart_lines=", ".join(line.name for line in exercise.chart.lines),
        chart_image=_data("image/svg+xml", image),
        rules=exercise.rules,
        rows=map(_row, in_order(counted)),
        count=len(counted),
        block=BLOCK,
        honesty=[*exercise.rules].index(exercise.honesty[0]),
        worst=f"worst {exercise.chart.error} at published {exercise.chart.x.label.partition(',')[0]}",
        any_late=any(entry.late for entry in counted),
        groups=overview.groups(values["clusters"], absent),
        **values,
    )


def class_fragment(gradings: Iterable[Grading]) -> str:
    """For a notebook: how many are right, the map as an image, and who made which mistake."""
    values = _class([Entry.of(grading) for grading in gradings])
    style = asset("drawing.css") + "svg { background: #fff; }"
    drawing = render("map.svg", alone=ours(style), **values)
    image = _data("image/svg+xml", drawing.encode())
    return render("fragment.html", map_text=values["map"]["text"], map_image=image, **values)


def submission_page(
    grading: Grading,
    attempts: Sequence[Entry],
    figure: Path | None,
    planted: str,
    defaults: dict[str, Any],
    made: str,
) -> str:
    """``attempts``: everything that this student has handed in; ``made``: the page's stamp."""
    return render(
        "submission.html",
        stamp=made,
        title=f"{grading.student}, attempt {grading.attempt}",
        figure=f"../figures/{quote(figure.name)}" if figure else "",
        replay=_replay(grading, defaults),
        anchor=quote(overview.anchor(grading.grade.diagnosis)),
        hint=_hints(load(grading.grade.exercise)).get(grading.grade.diagnosis, ""),
        versions=", ".join(f"{name} {version}" for name, version in grading.versions.items()),
        **_page(grading, attempts, planted),
    )


def feedback_page(grading: Grading, attempts: Sequence[Entry], figure: Path | None, planted: str, made: str) -> str:
    """One file that can be sent to its student: nothing secret, nobody else, the figure in it."""
    grade, figure = grading.grade, None if is_terse(grading) else figure  # its dots are what was measured
    return render(
        "submission.html",
        stamp=made,
        title=grading.student,
        feedback=True,
        figure=_data("image/svg+xml", figure.read_bytes()) if figure else "",
        lesson_hint="" if is_terse(grading) else load(grade.exercise).lesson_hints.get(grade.diagnosis, ""),
        **_page(for_student(grading), attempts, planted),
    )


# --- what the templates show ---


def _class(entries: Sequence[Entry]) -> dict[str, Any]:
    exercise = _exercise(entries)
    return {
        "headline": overview.headline(entries),
        "count_line": count_line(entries),
        "map": class_map(exercise.chart.map, entries),
        "clusters": overview.clusters(entries, _hints(exercise)),
    }


def _hints(exercise: Exercise) -> dict[str, str]:
    return {**HINTS, **exercise.hints}


def _exercise(entries: Sequence[Entry]) -> Exercise:
    """That of a class; of an empty one, the usual."""
    return load(entries[0].exercise if entries else Settings().exercise)


def _data(kind: str, content: bytes) -> str:
    """An image that is part of its page."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def _row(entry: Entry) -> dict[str, Any]:
    known = math.isfinite(entry.worst)
    return {
        "student": entry.student,
        "attempt": entry.attempt,
        "late": entry.late,
        "link": entry.link,
        "kind": entry.kind,
        "verdict": entry.verdict,
        "diagnosis": entry.diagnosis,
        "error": percent(entry.worst),
        "error_key": f"{abs(entry.worst):.6f}" if known else "9",
        "outcomes": entry.outcomes,
    }


def _page(grading: Grading, attempts: Sequence[Entry], planted: str) -> dict[str, Any]:
    grade = grading.grade
    last = {entry.attempt: entry for entry in attempts}
    names = {n: entry.diagnosis if grade.diagnosis else entry.verdict for n, entry in sorted(last.items())}
    more = {n: ", late" * entry.late + ", counts" * entry.counted for n, entry in last.items()}
    listed = [f"{n}: {name}{more[n]}" for n, name in names.items()]
    memory = f", {grade.peak_mib:.0f} MiB" if grade.peak_mib else ""
    notebook = f", {grade.execution_s:.2f} s of it for the notebook" if grade.execution_s else ""
    return {
        "row": _row(Entry.of(grading)),
        "grade": grade,
        "findings": list(_findings(grade)),
        "figure_text": figures.description(grade, grading.student),
        "chart_title": load(grade.exercise).chart.title,
        "source": list(_source(grade)),
        "changes": list(_changes(planted, grade.source)),
        "output": _tail(grade.output),
        "cost": f"{grade.duration_s:.2f} s{notebook}{memory}",
        "attempts": "; ".join(listed),
    }


def _findings(grade: Grade) -> Iterator[dict[str, Any]]:
    honesty = load(grade.exercise).honesty[0]
    for finding in grade.findings:
        cheated = finding.rule == honesty and finding.outcome is Outcome.FAILED
        yield {**vars(finding), "outcome": Outcome(finding.outcome).value, "cheated": cheated}


def _source(grade: Grade) -> Iterator[dict[str, Any]]:
    """The answer's lines; marked is the one that raised."""
    lines = grade.source.split("\n")  # as Python counts them: a form feed ends none
    for number, text in enumerate(lines[: SOURCE_LINES if grade.source else 0], 1):
        yield {"text": text, "here": number == grade.line}


def _changes(planted: str, source: str) -> Iterator[dict[str, str]]:
    lines = source.split("\n")
    if not source or len(lines) > SOURCE_LINES:
        return
    kinds = {"+": "plus", "-": "minus"}
    for line in list(difflib.unified_diff(planted.split("\n"), lines, n=2, lineterm=""))[2:]:
        yield {"text": line, "kind": kinds.get(line[:1], "")}


def _tail(output: str) -> str:
    return output if len(output) <= OUTPUT_CHARACTERS else f"…{output[-OUTPUT_CHARACTERS:]}"


def _replay(grading: Grading, defaults: dict[str, Any]) -> str:
    """The command that comes to the same verdict again."""
    if grading.grade.seed is None:
        return ""
    words = ["python", "-m", "grader", "grade", grading.path, "--out", "replay", "--seed", str(grading.grade.seed)]
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
