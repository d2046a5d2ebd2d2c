"""One submission → its Grade."""

from __future__ import annotations

import ast
import os
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from grader import submission as reading
from grader.errors import GraderError, SandboxError
from grader.exercise import checks, probes
from grader.exercise.derivation import takes_root, uses_power
from grader.exercise.diagnosis import diagnose, sentence
from grader.exercise.plan import Plan
from grader.exercise.rules import CONTRACT, TITLES
from grader.failures import failure
from grader.files import write
from grader.notebook import notebook_cells
from grader.result import Finding, Grade, Measurement, Outcome, Status
from grader.sandbox.box import Box
from grader.sandbox.frames import Ended, Program
from grader.settings import Settings
from grader.source import parse
from grader.submission import Submission
from grader.task import Task, set_up, untouched

if TYPE_CHECKING:
    from nbformat import NotebookNode

CURVE_N = 50_000  # numbers at each rate of the figure: a standard error of 0.5 % at p = 0.3
ONE_PROCESS_N = 4_000_000  # 32 MB each way
MIN_EXPLANATION = 60  # characters: one sentence


class Grader:
    """Grades submissions under one set of settings; a context manager, because it keeps a sandbox."""

    def __init__(self, settings: Settings | None = None, box: Box | None = None) -> None:
        """``box`` is the seam to code that is not trusted; by default the one that the settings ask for."""
        _keep_freed_memory()
        self.settings = settings or Settings()
        self.task = Task.load(self.settings.task)
        self.box = box or Box(self.settings.isolation, self.settings.timeout_s, self.settings.memory_mib)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.box.close()

    def grade(self, path: str | os.PathLike[str], *, curve: bool = True, executed: Path | None = None) -> Grade:
        """Grade a notebook, a ``dropout.py`` or a workspace.

        ``curve`` adds the measurements that the figure shows; ``executed`` is where the executed notebook is
        written.
        """
        started = time.monotonic()
        submission = reading.read(Path(path), self.task)
        grade = self._judge(submission, curve)
        if submission.notebook is not None and self.settings.execute == "full":
            judged = time.monotonic()
            grade = replace(grade, execution=self._execute(submission, executed))
            grade = replace(grade, execution_s=round(time.monotonic() - judged, 3))
        return replace(grade, duration_s=round(time.monotonic() - started, 3))

    def grade_many(self, paths: Sequence[str | os.PathLike[str]]) -> Iterator[Grade]:
        """Grade many, ``settings.jobs`` at a time; Grades come in the order of the paths."""
        from grader.batch import grade_many

        return grade_many(paths, self)

    def grade_source(self, cell_source: str) -> Grade:
        """The verdict alone on the source of an implementation cell; R10 is not judged."""
        started = time.monotonic()
        lines = tuple((1, number) for number in range(1, cell_source.count("\n") + 2))
        grade = self._judge(Submission(Path("cell"), answer=cell_source, lines=lines), curve=False)
        return replace(grade, duration_s=round(time.monotonic() - started, 3))

    def measure(self, source: str, seed: int, rates: Sequence[float], n: int) -> tuple[Measurement, ...]:
        """``n`` fresh normal numbers at each rate, for figures and tables; empty if the layer gives no numbers."""
        found: list[Measurement] = []
        together = max(1, ONE_PROCESS_N // n)  # rates in one process, which bounds what is in memory at once
        for first in range(0, len(rates), together):
            plan = probes.curve_plan(seed + first, rates[first : first + together], n)
            answer = self.box.run(_program(source, plan))
            if answer.ended is Ended.DONE and answer.raised is None:
                found.extend(checks.curve(plan, answer.replies))
        return tuple(found)

    # --- the verdict ---

    def _judge(self, submission: Submission, curve: bool) -> Grade:
        blank = Grade(
            submission=str(submission.path),
            status=Status.GRADED,
            diagnosis="",
            feedback="",
            isolation=self.box.isolation,
            source=submission.answer,
            explanation=submission.explanation,
        )
        if submission.problem is not None:
            status, says = submission.problem
            return replace(blank, status=status, diagnosis=_shown(status), feedback=f"Nothing was graded: {says}.")
        seed = self.settings.seed if self.settings.seed is not None else secrets.randbits(64)
        blank = replace(blank, seed=seed)
        for attempt in (1, 2):
            try:
                grade = self._probe(submission, seed, blank, curve)
                return grade if self.settings.feedback == "full" else _terse(grade)
            except Exception as error:  # whatever it is, it is ours: never a zero for the learner
                if attempt == 2:
                    says = f"The grader itself failed, twice; this says nothing about the submission. {_own(error)}"
                    return replace(blank, status=Status.GRADER_ERROR, diagnosis="grader error", feedback=says)
        raise AssertionError("unreachable")

    def _probe(self, submission: Submission, seed: int, blank: Grade, curve: bool) -> Grade:
        settings = self.settings
        plan = probes.verdict_plan(seed, settings.rates, settings.inputs)
        answer = self.box.run(_program(submission.answer, plan))
        blank = replace(blank, output=answer.output, peak_mib=answer.peak_mib and round(answer.peak_mib, 1))
        failed = failure(submission, answer, settings)
        if failed is not None:
            status, diagnosis, feedback = failed
            return replace(blank, status=status, diagnosis=diagnosis, feedback=feedback)
        evidence = checks.check(plan, answer.replies, settings.rates, settings.tolerance)
        # an answer that runs and still has no tree is too long or too deep: nothing is found in it
        tree = parse(submission.answer) or ast.Module([], [])
        derived = uses_power(tree)
        findings = [*evidence.findings, _derivation(derived), _honesty(submission)]
        seen = replace(evidence.seen, takes_root=takes_root(tree))
        if not derived:
            seen = replace(seen, faults={**seen.faults, "no root": "no root and no power"})
        status, (diagnosis, feedback) = Status.GRADED, diagnose(seen)
        if untouched(submission.answer, self.task):
            status, diagnosis = Status.NOT_ATTEMPTED, "not attempted"
            feedback = sentence(diagnosis, seen)
        if submission.tampered:
            diagnosis, feedback = (
                "check cell changed",
                f"Only the implementation is the answer: {submission.tampered}.",
            )
        if settings.require_explanation:
            findings.append(_explanation(submission.explanation))
            if diagnosis == "correct" and findings[-1].outcome is Outcome.FAILED:
                diagnosis, feedback = (
                    "explanation missing",
                    "The code is right; the explanation is still to be written.",
                )
        return replace(
            blank,
            status=status,
            diagnosis=diagnosis,
            feedback=" ".join(filter(None, (_located(feedback, submission), submission.note))),
            findings=tuple(findings),
            measurements=evidence.measurements,
            curve=self.measure(submission.answer, seed, probes.CURVE_RATES, CURVE_N) if curve else (),
        )

    # --- the execution, evidence only ---

    def _execute(self, submission: Submission, target: Path | None) -> str:
        cells = notebook_cells(submission.notebook or {"cells": []})
        try:
            notebook, outcome = self.box.run_notebook([(cell.type, cell.source) for cell in cells])
            text = _text(notebook) if target else ""
        except Exception as error:  # evidence that could not be had leaves the verdict as it is
            return f"not_run ({type(error).__name__}: {error})"
        if target is not None:
            target.parent.mkdir(parents=True, exist_ok=True)
            write(target, text)
        return outcome


def _text(notebook: NotebookNode) -> str:
    """As a file's text. Outputs stay in one piece: a million lines would become a million objects."""
    import nbformat

    text: str = nbformat.writes(notebook, split_lines=False)
    return text


def grade_solution(workspace: str | os.PathLike[str], settings: Settings | None = None) -> dict[str, Any]:
    """Grade a workspace for a training loop or a script.

    Returns ``passed``, ``feedback``, ``output`` (what the submission printed, at most 10 kB), ``reward``, ``status``,
    ``diagnosis``, ``findings`` and ``seed``. Raises ``GraderError`` when the grader itself failed twice: a reward must
    never be made of that.
    """
    with Grader(settings) as grader:
        grade = grader.grade(workspace, curve=False)
    if grade.status is Status.GRADER_ERROR:
        raise GraderError(grade.feedback)
    plain = grade.to_dict()
    return {
        name: plain[name]
        for name in ("passed", "feedback", "output", "reward", "status", "diagnosis", "findings", "seed")
    }


def setup_task_files(workspace: str | os.PathLike[str], form: str = "script") -> list[Path]:
    """Write the task into a workspace: ``dropout.py`` and ``test_dropout.py``, or the notebook.

    Raises ``UsageError`` rather than overwrite an answer.
    """
    return set_up(Path(workspace), form, Task.load())


def _keep_freed_memory() -> None:
    """glibc gives large freed blocks back to the kernel, and the page faults of having them again cost more than the
    checks. From now on it keeps blocks as large as the largest it has seen freed, 32 MiB at most: so it is shown one.
    Nothing is touched; elsewhere nothing happens."""
    np.empty(31 << 20, np.uint8)


def _program(source: str, plan: Plan) -> Program:
    return Program(source, plan.operations, plan.arrays, plan.layer_seed, plan.public)


def _derivation(holds: bool) -> Finding:
    outcome = Outcome.PASSED if holds else Outcome.FAILED
    measured = "found" if holds else "neither a root nor a power"
    return Finding("R9", TITLES["R9"], outcome, measured, CONTRACT["R9"])


def _honesty(submission: Submission) -> Finding:
    if not submission.honesty_judged:
        outcome, measured = Outcome.NOT_JUDGED, "only the answer was handed in"
    elif submission.tampered:
        outcome, measured = Outcome.FAILED, submission.tampered
    else:
        outcome, measured = Outcome.PASSED, "as it went out"
    return Finding("R10", TITLES["R10"], outcome, measured, CONTRACT["R10"])


def _explanation(text: str) -> Finding:
    outcome = Outcome.PASSED if len(text) >= MIN_EXPLANATION else Outcome.FAILED
    return Finding("explanation", "explanation", outcome, f"{len(text)} characters", f"at least {MIN_EXPLANATION}")


def _located(feedback: str, submission: Submission) -> str:
    """Replace the answer's own line numbers by the learner's."""
    import re

    return re.sub(r"line (\d+) of the answer", lambda m: submission.place(int(m[1])) or "the answer", feedback)


def _terse(grade: Grade) -> Grade:
    """Which rules failed, and nothing that was measured."""
    failed = [f"{finding.rule} {finding.title}" for finding in grade.findings if finding.outcome is Outcome.FAILED]
    says = f"Failed: {', '.join(failed)}." if failed else f"{'passed' if grade.passed else _shown(grade.status)}."
    findings = tuple(replace(finding, measured="") for finding in grade.findings)
    return replace(grade, feedback=says[0].upper() + says[1:], findings=findings)


def _shown(status: Status) -> str:
    return status.value.replace("_", " ")


def _own(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if isinstance(error, SandboxError) else repr(error)
