"""A Grade as HTML, for JupyterLab."""

from __future__ import annotations

import base64
from html import escape

from grader.report import figures, template
from grader.report.entries import drawn
from grader.result import Grade, Outcome

MARKS = {Outcome.PASSED: "✓", Outcome.FAILED: "✗", Outcome.NOT_JUDGED: "–"}


def grade_html(grade: Grade) -> str:
    """Verdict, table by rule, figure. Every text of the submission is escaped."""
    rows = "".join(
        f"<tr><td>{MARKS[finding.outcome]}</td><td style='text-align:left'>{finding.rule} {escape(finding.title)}</td>"
        f"<td style='text-align:left'>{escape(finding.measured)}</td>"
        f"<td style='text-align:left'>{escape(finding.expected)}</td><td>{escape(finding.tolerance)}</td></tr>"
        for finding in grade.findings
    )
    head = "<tr><th></th><th>rule</th><th>yours</th><th>contract</th><th>tolerance</th></tr>"
    image = ""
    if drawn(grade):
        source = f"data:image/svg+xml;base64,{base64.b64encode(template.svg(grade, {})).decode()}"
        image = f'<img alt="{escape(figures.description(grade))}" width="680" src="{source}">'
    return (
        f"<h4>{escape(figures.verdict_line(grade))} · {escape(grade.diagnosis)}</h4>"
        f"<p>{escape(grade.feedback)}</p>"
        + (f"<table>{head}{rows}</table>" if rows else "")
        + image
        + f"<p><small>seed {grade.seed} · isolation {escape(grade.isolation)} · notebook {escape(grade.execution)} · "
        f"{grade.duration_s:g} s</small></p>"
    )
