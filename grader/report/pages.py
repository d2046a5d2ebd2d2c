"""The class report, a page for each submission, and the feedback that students get: HTML files that need no network.

Everything a submission brought is text: Jinja2 escapes it, and a Content-Security-Policy runs nothing but our own
script, allowed by its hash. Feedback holds one student's own page without seeds, commands and other students.
"""

from __future__ import annotations

import base64
import difflib
import hashlib
import math
import re
import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from grader.report import classmap
from grader.report.exports import RULES, replacing
from grader.report.figures import description
from grader.report.hints import HINTS
from grader.result import ClassReport, Grade, Grading, Outcome, Status

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).with_name("templates")
OUTPUT_CHARACTERS = 4000  # of what a submission printed: its end
NAME_BYTES = 150


def write_report(report: ClassReport, folder: Path, planted: str, defaults: dict[str, Any]) -> Path:
    """Write ``index.html``, ``submissions/*.html`` and ``feedback/*.html``; returns the first one's path.

    ``planted``: the cell as it was handed out; ``defaults``: settings that a replay need not name.
    """
    for name in ("submissions", "feedback"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for grading in _standing(report):
        text = submission_page(grading, report, folder, planted, defaults)
        _write(folder / "submissions" / f"{grading.grade.submission}.html", text)
    for grading in report.counted:
        text = feedback_page(grading, report, folder, planted)
        _write(folder / "feedback" / f"{file_name(grading.student)}.html", text)
    return _write(folder / "index.html", class_page(report))


def class_page(report: ClassReport) -> str:
    gradings = report.counted
    every = Counter(grading.grade.isolation for grading in gradings)
    script = _asset("table.js")
    return _render(
        "class.html",
        script=script,
        count_line=report.count_line,
        versions=_listed(f"{name} {version}" for g in gradings for name, version in g.versions.items()),
        settings=_listed(f"{name} {_value(value)}" for g in gradings for name, value in g.settings.items()),
        isolation=", ".join(f"{level}: {count}" for level, count in every.items()) or "–",
        period=_listed(iter(sorted({min(times), max(times)}))) if (times := [_time(g) for g in gradings]) else "–",
        **_class(report),
    )


def class_fragment(report: ClassReport) -> str:
    """For a notebook: what ``class_page`` shows, in a frame of its own, so that its style stays there."""
    page = class_page(report)
    framed = base64.b64encode(page.encode()).decode()
    return f'<iframe title="The class" sandbox width="100%" height="800" src="data:text/html;base64,{framed}"></iframe>'


def submission_page(grading: Grading, report: ClassReport, folder: Path, planted: str, defaults: dict[str, Any]) -> str:
    name = grading.grade.submission
    drawn = (folder / "figures" / f"{name}.svg").is_file()
    return _render(
        "submission.html",
        title=f"{grading.student}, attempt {grading.attempt}",
        figure=f"../figures/{quote(name)}.svg" if drawn else "",
        replay=_replay(grading, defaults),
        versions=", ".join(f"{name} {version}" for name, version in grading.versions.items()),
        **_page(grading, report, planted),
    )


def feedback_page(grading: Grading, report: ClassReport, folder: Path, planted: str) -> str:
    """One file that can be sent to its student: nothing secret, nobody else, the figure in it."""
    drawn = folder / "figures" / f"{grading.grade.submission}.svg"
    image = base64.b64encode(drawn.read_bytes()).decode() if drawn.is_file() else ""
    return _render(
        "submission.html",
        title=grading.student,
        feedback=True,
        figure=f"data:image/svg+xml;base64,{image}" if image else "",
        **_page(grading, report, planted),
    )


def file_name(student: str) -> str:
    """A student's name as a file's: no folders, no hidden files, and two students never share one."""
    printable = "".join(sign if sign.isprintable() and sign not in "/\\" else "_" for sign in student)
    safe = printable.lstrip(".") or "_"
    short = safe.encode()[:NAME_BYTES].decode("utf-8", "ignore")
    return short if short == student else f"{short}-{hashlib.sha256(student.encode()).hexdigest()[:8]}"


# --- what the templates show ---


def _class(report: ClassReport) -> dict[str, Any]:
    gradings = report.counted
    grades = [grading.grade for grading in gradings]
    tolerance = next((float(g.settings["tolerance"]) for g in gradings if "tolerance" in g.settings), 0.1)
    return {
        "map": classmap.fingerprints(grades),
        "variance": classmap.variances(grades, tolerance),
        "tolerance": f"{tolerance:.0%}",
        "clusters": _clusters(gradings),
        "rules": RULES,
        "rows": [_row(grading) for grading in sorted(gradings, key=lambda grading: grading.student.casefold())],
    }


def _clusters(gradings: Sequence[Grading]) -> list[dict[str, Any]]:
    """By diagnosis, the mistakes first and the most common of them at the top."""
    groups: dict[str, list[Grading]] = {}
    for grading in gradings:
        groups.setdefault(grading.grade.diagnosis, []).append(grading)
    ordered = sorted(groups.items(), key=lambda group: (group[1][0].grade.passed, -len(group[1]), group[0]))
    return [
        {
            "name": name,
            "count": len(group),
            "kind": _kind(group[0].grade),
            "sentence": group[0].grade.feedback,
            "hint": HINTS.get(name, ""),
            "who": [_row(grading) for grading in sorted(group, key=lambda grading: grading.student.casefold())],
        }
        for name, group in ordered
    ]


def _row(grading: Grading) -> dict[str, Any]:
    grade = grading.grade
    outcomes = {finding.rule: finding.outcome.value for finding in grade.findings}
    worst = grade.worst_variance_error
    return {
        "student": grading.student,
        "attempt": grading.attempt,
        "link": f"submissions/{quote(grade.submission)}.html",
        "kind": _kind(grade),
        "verdict": ("pass" if grade.passed else "not passed")
        if grade.status is Status.GRADED
        else grade.status.value.replace("_", " "),
        "diagnosis": grade.diagnosis,
        "error": f"{worst:+.1%}" if math.isfinite(worst) else "–",
        "error_key": f"{abs(worst):.6f}" if math.isfinite(worst) else "9",
        "outcomes": [outcomes.get(rule, "") for rule in RULES],
    }


def _kind(grade: Grade) -> str:
    if grade.status is not Status.GRADED:
        return "other"
    return "pass" if grade.passed else "fail"


def _page(grading: Grading, report: ClassReport, planted: str) -> dict[str, Any]:
    grade = grading.grade
    own = [g for g in report.gradings if g.student == grading.student]
    last = {g.attempt: g for g in own}
    attempts = [f"{n}: {g.grade.diagnosis}{', counts' if g.counted else ''}" for n, g in sorted(last.items())]
    memory = f", {grade.peak_mib:.0f} MiB" if grade.peak_mib else ""
    notebook = f", {grade.execution_s:.2f} s of it for the notebook" if grade.execution_s else ""
    return {
        "row": _row(grading),
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
    for number, text in enumerate(grade.source.splitlines(), 1):
        yield {"text": text, "here": named is not None and int(named[1]) == number}


def _changes(planted: str, source: str) -> Iterator[dict[str, str]]:
    if not source:
        return
    kinds = {"+": "plus", "-": "minus"}
    for line in list(difflib.unified_diff(planted.splitlines(), source.splitlines(), n=2, lineterm=""))[2:]:
        yield {"text": line, "kind": kinds.get(line[:1], "")}


def _tail(output: str) -> str:
    return output if len(output) <= OUTPUT_CHARACTERS else f"…{output[-OUTPUT_CHARACTERS:]}"


def _replay(grading: Grading, defaults: dict[str, Any]) -> str:
    """The command that comes to the same verdict again; PATH stands for what was handed in."""
    if grading.grade.seed is None:
        return ""
    words = ["python", "-m", "grader", "grade", "PATH", "--seed", str(grading.grade.seed)]
    for name, value in grading.settings.items():
        if name in defaults and name != "seed" and value != defaults[name]:
            option = f"--{name.replace('_', '-')}"
            words.append(option)
            if value is not True:
                words.append(_value(value).replace("/", ",") if isinstance(value, list) else str(value))
    return shlex.join(words)


def _standing(report: ClassReport) -> list[Grading]:
    """The last grading of each submission."""
    return list({grading.grade.submission: grading for grading in report.gradings}.values())


def _value(value: Any) -> str:
    return "/".join(map(str, value)) if isinstance(value, list) else "–" if value is None else str(value)


def _time(grading: Grading) -> str:
    return grading.at.replace("T", " ").replace("+00:00", " UTC")


def _listed(texts: Iterator[str]) -> str:
    return ", ".join(dict.fromkeys(texts)) or "–"


# --- the files ---


def _write(path: Path, text: str) -> Path:
    with replacing(path) as scratch:
        scratch.write_text(text, encoding="utf-8", errors="replace")
    return path


@cache
def _asset(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True)


def _render(template: str, **values: Any) -> str:
    from markupsafe import Markup

    style, script = _asset("style.css"), str(values.pop("script", ""))
    policy = (
        f"default-src 'none'; base-uri 'none'; form-action 'none'; img-src 'self' file: data:; "
        f"style-src '{_hash(style)}'; script-src '{_hash(script) if script else 'none'}'"
    )
    values = {"feedback": False, "replay": "", "figure": "", **values}
    shown = {"policy": policy, "style": Markup(style), "script": Markup(script)}  # our own files, word for word
    return _environment().get_template(template).render({**values, **shown})


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
