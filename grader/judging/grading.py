"""One submission → its Grade."""

from __future__ import annotations

import ast
import os
import secrets
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from threadpoolctl import ThreadpoolController

from grader.errors import SandboxError, UsageError
from grader.exercises.interface import Code, Exercise, Stage, load, options
from grader.files import write
from grader.judging.failures import borrowed, failure
from grader.judging.memory import keep_freed_memory
from grader.judging.strict_json import encoded
from grader.result import Finding, Grade, Outcome, Point, Status
from grader.sandbox.account import Account
from grader.sandbox.box import WAITING, Box
from grader.sandbox.frames import Ended, Program, Questions
from grader.sandbox.seam import Sandbox
from grader.settings import Settings
from grader.submissions.notebook import notebook_cells
from grader.submissions.read import Submission, read
from grader.submissions.source import parse
from grader.submissions.task import Task, untouched
from grader.submissions.upload import File, Upload

if TYPE_CHECKING:
    from nbformat import NotebookNode

CURVE_N = 50_000  # numbers at each place of the figure
ONE_PROCESS_N = 4_000_000  # 32 MB each way
MIN_EXPLANATION = 60  # characters: one sentence
WRITTEN_BYTES = 32 << 20  # of an executed notebook: the sources of an honest one may have 16 MiB, its outputs 12
TOO_MUCH_TO_WRITE = "printed too much to be written"


@dataclass(frozen=True)
class Judged:
    """A Grade, and the executed notebook as a file's content, where one was run and is wanted. ``versions``: what it
    was made with, where that was on another machine."""

    grade: Grade
    executed: bytes | None = None
    versions: Mapping[str, str] | None = None


class Judge:
    """Judges submissions under one set of settings; a context manager, because it keeps a sandbox."""

    def __init__(
        self, settings: Settings | None = None, box: Sandbox | None = None, notebook: File | None = None
    ) -> None:
        """``box`` is the seam to code that is not trusted; by default the one that the settings ask for. ``notebook``:
        the task, in place of the file that the settings name.

        Raises ``UsageError`` if the settings name no exercise, or options that it does not have.
        """
        keep_freed_memory()
        self._linear_algebra = ThreadpoolController()
        self.settings = settings or Settings()
        self.exercise = load(self.settings.exercise)
        self.options = options(self.exercise, self.settings.options)
        handout = self.exercise.handout
        self.task = Task.of(handout, notebook) if notebook else Task.load(handout, self.settings.task)
        self.box = box or Box(self.settings.isolation, self.settings.timeout_s, self.settings.memory_mib)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.box.close()

    def grade(self, path: str | os.PathLike[str], *, curve: bool = True, executed: Path | None = None) -> Grade:
        """Grade a notebook, a script or a workspace. Raises ``UsageError`` where there is none: that is nobody's zero.

        ``curve`` adds the points that the figure shows; ``executed`` is where the executed notebook is written.
        """
        if not os.path.lexists(path):
            raise UsageError(f"there is no {os.fspath(path)}: give a notebook, a script or a folder with one of them")
        judged = self.judge(self.upload(path), curve=curve, keep_executed=executed is not None)
        if executed is not None and judged.executed is not None:
            executed.parent.mkdir(parents=True, exist_ok=True)
            write(executed, judged.executed)
        return judged.grade

    def upload(self, path: str | os.PathLike[str]) -> Upload:
        """What lies there, read once, with the account that all of its grading draws on."""
        running_s = (WAITING + 1) * self.settings.timeout_s  # the answer's, and the notebook's
        return Upload.read(Path(path), self.exercise.handout, Account.of_submission(running_s))

    def judge(self, upload: Upload, *, curve: bool = True, keep_executed: bool = False) -> Judged:
        """Grade what was handed in; ``keep_executed``: with the executed notebook."""
        started = time.monotonic()
        with upload.account.clock():
            try:
                submission = read(upload, self.task)
            except Exception as error:  # memory ran out, or the defect is ours
                return Judged(failed(str(upload.path), error))
            grade, executed = self._verdict(submission, curve, upload.account), None
            if submission.notebook is not None and self.settings.execute == "full":
                judged = time.monotonic()
                execution, executed = self._execute(submission, keep_executed, upload.account)
                grade = replace(grade, execution=execution, execution_s=round(time.monotonic() - judged, 3))
        return Judged(replace(grade, duration_s=round(time.monotonic() - started, 3)), executed)

    def grade_source(self, cell_source: str, options: Any = None) -> Grade:
        """The verdict alone on the source of an implementation cell; what else came back is not judged. ``options``:
        the exercise's own, in place of those that the grader was opened with."""
        started = time.monotonic()
        lines = tuple((1, number) for number in range(1, cell_source.count("\n") + 2))
        submission = Submission(Path("cell"), answer=cell_source, lines=lines)
        account = Account.of_submission(WAITING * self.settings.timeout_s)
        grade = self._verdict(submission, False, account, options)
        return replace(grade, duration_s=round(time.monotonic() - started, 3))

    def measure(
        self, source: str, seed: int, places: Sequence[float], n: int, account: Account | None = None
    ) -> tuple[Point, ...]:
        """``n`` fresh numbers at each place, for figures and tables; empty if the answer gives no numbers."""
        found: list[Point] = []
        together = max(1, ONE_PROCESS_N // n)  # places in one process, which bounds what is in memory at once
        for first in range(0, len(places), together):
            stage = self.exercise.survey(seed + first, places[first : first + together], n)
            answer = self.box.run(self._program(source, stage), account=account)
            if answer.ended is Ended.DONE and answer.raised is None:
                with self._one_thread():
                    found.extend(self.exercise.survey_points(stage, answer.replies))
        return tuple(found)

    def _one_thread(self) -> AbstractContextManager[object]:
        """For linear algebra: more gain nothing on arrays of this size, and on a busy machine wait for one another."""
        limited: AbstractContextManager[object] = self._linear_algebra.limit(limits=1)
        return limited

    # --- the verdict ---

    def _verdict(self, submission: Submission, curve: bool, account: Account, options: Any = None) -> Grade:
        blank = Grade(
            submission=str(submission.path),
            status=Status.GRADED,
            diagnosis="",
            feedback="",
            isolation=self.box.isolation,
            source=submission.answer,
            explanation=submission.explanation,
            exercise=self.settings.exercise,
        )
        if submission.problem is not None:
            status, message = submission.problem
            return replace(blank, status=status, diagnosis=_shown(status), feedback=f"Nothing was graded: {message}.")
        seed = self.settings.seed if self.settings.seed is not None else secrets.randbits(64)
        blank = replace(blank, seed=seed)
        for attempt in (1, 2):
            try:
                grade = self._probe(submission, seed, blank, curve, account, options or self.options)
                return grade if self.settings.feedback == "full" else _terse(grade)
            except Exception as error:  # whatever it is, it is ours: never a zero for the learner
                if attempt == 2:
                    message = f"The grader itself failed, twice; this says nothing about the submission. {_own(error)}"
                    return replace(blank, status=Status.GRADER_ERROR, diagnosis="grader error", feedback=message)
        raise AssertionError("unreachable")

    def _probe(
        self, submission: Submission, seed: int, blank: Grade, curve: bool, account: Account, options: Any
    ) -> Grade:
        ends = time.monotonic() + WAITING * self.settings.timeout_s
        plan = self.exercise.plan(seed, options, self.settings.evidence == "enough")

        def further(replies: Sequence[Any]) -> Questions | None:
            with self._one_thread():
                stage = plan.further(replies)
            return None if stage is None else Questions(stage.operations, stage.arrays)

        answer = self.box.run(self._program(submission.answer, plan.start), further, account)
        blank = replace(blank, output=answer.output, peak_mib=answer.peak_mib and round(answer.peak_mib, 1))
        failed = failure(submission, answer, plan.first_call, self.settings)
        if failed is not None:
            return replace(blank, **failed._asdict())
        # an answer that runs and still has no tree is too long or too deep: nothing is found in it
        tree = parse(submission.answer) or ast.Module([], [])
        code = Code(tree, untouched(submission.answer, self.task))
        judgement = plan.judge(code)
        findings = [*judgement.findings, _honesty(submission, self.exercise)]
        wrong = any(finding.outcome is Outcome.FAILED for finding in judgement.findings)
        status = Status.NOT_ATTEMPTED if code.untouched and wrong else Status.GRADED
        diagnosis, feedback, line = judgement.diagnosis, judgement.sentence, judgement.line
        if code.untouched and submission.note:  # what is changed lies in another cell
            feedback = "The cell that is graded is as it was handed out, bug included."
        if submission.tampered:
            diagnosis = "check cell changed"
            feedback, line = f"Only the implementation is the answer: {submission.tampered}.", 0
        if self.settings.require_explanation:
            findings.append(_explanation(submission.explanation))
            if diagnosis == "correct" and findings[-1].outcome is Outcome.FAILED:
                diagnosis = "explanation missing"
                feedback = "The code is right; the explanation is still to be written."
        place = submission.place(line)
        raised = f"It was raised in {place}." if place else ""
        notes = () if diagnosis == "correct" else (borrowed(submission), submission.note)
        return replace(
            blank,
            status=status,
            diagnosis=diagnosis,
            feedback=" ".join(filter(None, (feedback, raised, *notes))),
            line=line,
            findings=tuple(findings),
            points=judgement.points,
            asked=judgement.asked,
            curve=self._curve(submission.answer, seed, account, ends - time.monotonic()) if curve else (),
        )

    def _curve(self, source: str, seed: int, account: Account, seconds: float) -> tuple[Point, ...]:
        """In a process of its own, which has no more time by the clock than the verdict's has left."""
        part = account.part(account.bytes, seconds=max(0.0, seconds))
        return self.measure(source, seed, self.exercise.places, CURVE_N, part)

    def _program(self, source: str, stage: Stage) -> Program:
        module = self.exercise.handout.script.removesuffix(".py")
        return Program(source, stage.operations, stage.arrays, stage.layer_seed, module)

    # --- the execution, evidence only ---

    def _execute(self, submission: Submission, keep: bool, account: Account) -> tuple[str, bytes | None]:
        cells = notebook_cells(submission.notebook or {"cells": []})
        try:
            notebook, outcome = self.box.run_notebook([(cell.type, cell.source) for cell in cells], account)
            executed = encoded(notebook, account.part(WRITTEN_BYTES)) if keep else None
            if keep and executed is None:  # what is written is the submission's, without what it printed
                outcome = TOO_MUCH_TO_WRITE if outcome == "ran" else outcome
                executed = encoded(_without_outputs(notebook), account)
            return outcome, executed
        except Exception as error:  # evidence that could not be had leaves the verdict as it is
            return f"not_run ({type(error).__name__}: {error})", None


def _without_outputs(notebook: NotebookNode) -> NotebookNode:
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        cell.update({"outputs": []} if "outputs" in cell else {})
    return notebook


def failed(name: str, error: BaseException) -> Grade:
    """The Grade where the grader itself failed."""
    message = f"The grader itself failed; this says nothing about the submission. {error!r}"
    return Grade(name, Status.GRADER_ERROR, "grader error", message)


def _honesty(submission: Submission, exercise: Exercise) -> Finding:
    if not submission.honesty_judged:
        outcome, measured = Outcome.NOT_JUDGED, "only the answer was handed in"
    elif submission.tampered:
        outcome, measured = Outcome.FAILED, submission.tampered
    else:
        outcome, measured = Outcome.PASSED, "as it went out"
    rule, expected = exercise.honesty
    return Finding(rule, exercise.rules[rule], outcome, measured, expected)


def _explanation(text: str) -> Finding:
    outcome = Outcome.PASSED if len(text) >= MIN_EXPLANATION else Outcome.FAILED
    long_enough = f"at least {MIN_EXPLANATION} characters in the cell for it"
    return Finding("explanation", "in your own words", outcome, f"{len(text)} characters", long_enough)


def _terse(grade: Grade) -> Grade:
    """Which rules failed, and nothing that was measured or that names a mistake."""
    failed = [f"{finding.rule} {finding.title}" for finding in grade.findings if finding.outcome is Outcome.FAILED]
    message = f"Failed: {', '.join(failed)}." if failed else f"{'passed' if grade.passed else _shown(grade.status)}."
    findings = tuple(replace(finding, measured="") for finding in grade.findings)
    diagnosis = "not told" if grade.status is Status.GRADED and not grade.passed else grade.diagnosis
    feedback = message[0].upper() + message[1:]
    shown = replace(grade, diagnosis=diagnosis, feedback=feedback, line=0)
    return replace(shown, findings=findings, points=(), curve=())


def _shown(status: Status) -> str:
    return status.value.replace("_", " ")


def _own(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if isinstance(error, SandboxError) else repr(error)
