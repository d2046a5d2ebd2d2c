"""The class report and the feedback pages: what is in them, and what is not."""

from __future__ import annotations

import base64
import json
import os
import re
import shlex
import shutil
import tracemalloc
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from grader import ClassReport, Grade, Grader, Settings, load, load_exercise
from grader.api import write_pages
from grader.cli import main
from grader.course.gradebook import Stored
from grader.errors import OutputError
from grader.exercises.dropout import known
from grader.exercises.dropout.chart import MAP
from grader.exercises.dropout.drawn import stages
from grader.exercises.dropout.mistakes import BY_NAME, LESSON_HINTS, SYMPTOMS
from grader.exercises.dropout.options import Options
from grader.exercises.dropout.theory import stable_scale
from grader.report import map as class_map
from grader.report import names, pages
from grader.report.drawing import draw
from grader.report.entries import Entry, in_order
from grader.report.exports import has_stamp
from grader.report.hints import HINTS
from grader.report.page import grade_html
from grader.result import Grading, Outcome, Status
from grader.submissions.task import Task
from grader.tests.refresh import HANDOUT, SAMPLES, SUBMISSIONS, TASK, sample
from grader.tests.support.batch import HOSTILE, NOW

SEED = 7_700_077  # no time in seconds, and no memory in MiB, has these digits


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The samples as a class, graded by the command itself."""
    out = tmp_path_factory.mktemp("class")
    options = ["--execute", "none", "--quiet", "--seed", str(SEED)]
    assert main(["grade", str(SUBMISSIONS), "--out", str(out), *options]) == 0
    return out


@pytest.fixture(scope="module")
def gradings(folder: Path) -> Iterator[tuple[Grading, ...]]:
    return load(folder).gradings  # type: ignore[return-value]


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_every_name_of_a_mistake_has_a_hint_for_the_teacher() -> None:
    statuses = {status.value.replace("_", " ") for status in Status} - {"graded", "timed out"} | {"too slow"}
    assert {*statuses, "check cell changed", "explanation missing"} <= {*HINTS, *BY_NAME}
    assert not HINTS.keys() & BY_NAME.keys()
    assert all(mistake.hint for mistake in BY_NAME.values())


def test_feedback_names_the_hint_of_the_lesson_that_fits_its_mistake(folder: Path) -> None:
    cells = {cell["id"]: "".join(cell["source"]) for cell in json.loads(text_of(TASK))["cells"]}
    assert cells["hints"].startswith("## 6 ")
    lines = set(re.findall(r"<summary><b>(.+?)</b></summary>", cells["hints"]))
    assert SYMPTOMS.keys() <= lines
    assert LESSON_HINTS.keys() <= BY_NAME.keys()
    hint = "section 6, “It is right at p = 0.5 and wrong at 0.3 and 0.7”"
    assert f"A hint</strong> is in the notebook: {hint}" in text_of(folder / "feedback" / "05_root_of_p.html")
    assert "A hint" not in text_of(folder / "feedback" / "02_sqrt.html")
    assert hint not in text_of(folder / "submissions" / "05_root_of_p.html")  # the teacher's page has the teacher's


def test_a_roster_names_who_is_missing_from_python_too(folder: Path, tmp_path: Path) -> None:
    roster = tmp_path / "class.csv"
    roster.write_text("Student,ID,SIS Login ID,Section\n02_sqrt,1,02_sqrt,A\nRobin,2,robin,A\n", encoding="utf-8")
    before = text_of(folder / "index.html")
    try:
        page = text_of(write_pages(folder, roster=roster))
    finally:
        write_pages(folder)
    assert "Robin" in page
    assert "Robin" not in before
    assert text_of(folder / "index.html") == before


def test_grading_writes_the_class_and_a_page_and_feedback_for_everyone(folder: Path) -> None:
    names = {f"{name}.html" for name in SAMPLES}
    assert {path.name for path in (folder / "submissions").iterdir()} == names
    assert {path.name for path in (folder / "feedback").iterdir()} == names
    page = text_of(folder / "index.html")
    assert load(folder).count_line in page.replace("&#39;", "'")
    for name in SAMPLES:
        assert f'href="submissions/{name}.html"' in page


def test_the_report_comes_from_the_gradebook_alone(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = text_of(folder / "index.html")
    (folder / "index.html").unlink()
    assert main(["report", str(folder)]) == 0
    assert str(folder / "index.html") in capsys.readouterr().out
    assert text_of(folder / "index.html") == before


def test_a_figure_that_is_gone_is_drawn_again(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shutil.copytree(folder, out)
    figure, page = (out / name for name in ("figures/02_sqrt.svg", "submissions/02_sqrt.html"))
    before = figure.read_bytes(), text_of(page)
    figure.unlink()
    page.unlink()
    write_pages(out)
    assert (figure.read_bytes(), text_of(page)) == before
    shutil.rmtree(out / "figures")  # as where the class is graded with --no-figures
    write_pages(out)
    assert not (out / "figures").exists()
    assert "02_sqrt.svg" not in text_of(page)


def test_what_is_in_a_pages_way_is_named(folder: Path, tmp_path: Path) -> None:
    out, page = tmp_path / "out", tmp_path / "out/submissions/02_sqrt.html"
    shutil.copytree(folder, out)
    page.unlink()
    page.mkdir()
    with pytest.raises(OutputError, match=r"02_sqrt\.html cannot be written"):
        write_pages(out)


def test_of_whom_nothing_could_be_graded_each_reason_is_told() -> None:
    bad = [
        Grading(n, student, 1, Grade(student, Status.BAD_NOTEBOOK, "bad notebook", f"It is {why}."), at=NOW)
        for n, (student, why) in enumerate((("ann", "empty"), ("bo", "cut off")), 1)
    ]
    page = pages.class_page([Entry.of(one) for one in bad])
    for student, why in (("ann", "It is empty."), ("bo", "It is cut off.")):
        assert re.search(rf"<li><a[^>]*>{student}</a>: {why}</li>", page)
    assert "for example" not in pages.class_page([Entry.of(one) for one in bad])
    assert "for example: “It is empty.”" in pages.class_page([Entry.of(bad[0])])


def written(folder: Path) -> dict[str, int]:
    """When each page was."""
    return {path.relative_to(folder).as_posix(): path.stat().st_mtime_ns for path in folder.rglob("*.html")}


def rewritten(folder: Path, since: dict[str, int]) -> set[str]:
    return {name for name, time in written(folder).items() if since.get(name) != time}


def test_report_again_writes_what_has_changed_and_reads_no_more_than_that(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, lost = tmp_path / "out", "submissions/02_sqrt.html"
    shutil.copytree(folder, out)
    before = written(out)
    assert write_pages(out) == out / "index.html"
    assert rewritten(out, before) == set()
    (out / lost).unlink()
    again: list[Collection[int] | None] = []
    numbered = Stored.numbered

    def watched(stored: Stored, numbers: Collection[int] | None = None) -> Iterator[Grading]:
        again.append(numbers)
        return numbered(stored, numbers)

    monkeypatch.setattr(Stored, "numbered", watched)
    write_pages(out)
    assert rewritten(out, before) == {lost}
    assert [len(numbers) for numbers in again if numbers is not None] == [1]
    assert text_of(out / lost) == text_of(folder / lost)


def test_whatever_a_page_shows_makes_it_due(gradings: tuple[Grading, ...], tmp_path: Path) -> None:
    shown = {"index.html", "submissions/a.html", "feedback/ann.html"}
    of_ann = {*shown} - {"index.html"}
    first = replace(gradings[1], student="ann", number=1, grade=replace(gradings[1].grade, submission="a"))
    later = replace(first, number=2, attempt=2, counted=False)

    def due(made: Sequence[Grading], planted: str = known.START, absent: Sequence[str] = ()) -> set[str]:
        before = written(tmp_path)
        pages.write_report(made, tmp_path, planted, {}, absent)
        return rewritten(tmp_path, before)

    assert due([first]) == shown
    assert due([first]) == set()
    assert due([first], absent=["bo"]) == {"index.html"}
    assert due([first], "another cell") == {*of_ann, "index.html"}
    assert due([first]) == of_ann
    (tmp_path / "figures").mkdir()
    draw(first.grade, tmp_path / "figures/a", {}, png=False, stamp=first.stamp)
    assert due([first]) == of_ann, "its figure has come"
    assert due([first, later]) == shown, "its attempts"
    assert due([replace(first, counted=False), replace(later, counted=True)]) == shown, "which of them counts"


def test_entries_of_a_class_are_small(gradings: tuple[Grading, ...]) -> None:
    tracemalloc.start()
    entries = [Entry.of(replace(gradings[n % len(gradings)], number=n, student=f"s{n}")) for n in range(2000)]
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size / len(entries) < 1500


def test_without_a_gradebook_nothing_is_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(tmp_path / "nowhere")]) == 2
    assert "there is no gradebook.sqlite" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_written_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "feedback").write_text("in the way", encoding="utf-8")
    options = ["--out", str(tmp_path), "--execute", "none", "--quiet"]
    assert main(["grade", str(SUBMISSIONS / "02_sqrt.ipynb"), *options]) == 3
    assert f"grader: {tmp_path / 'feedback'} cannot be written" in capsys.readouterr().err
    assert load(tmp_path).count_line == "1 of 1 correct"


def test_nothing_is_fetched_and_only_our_own_script_may_run(folder: Path) -> None:
    for page in folder.rglob("*.html"):
        text = text_of(page)
        (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', text)
        assert "default-src &#39;none&#39;" in policy
        assert "unsafe" not in policy
        assert not re.search(r'(?:src|href)="(?:https?:)?//', text)
        assert "style=" not in re.sub(r"<style>.*?</style>", "", text, flags=re.S)


def test_a_page_shows_the_command_that_replays_it(folder: Path, tmp_path: Path) -> None:
    page = text_of(folder / "submissions" / "05_root_of_p.html")
    (command,) = re.findall(r"<code>python -m (grader grade [^<]+)</code>", page)
    words = shlex.split(command)[1:]
    assert words[1] == str(SUBMISSIONS / "05_root_of_p.ipynb")
    assert main([*words, "--out", str(tmp_path), "--no-figures", "--quiet"]) == 0
    (again,) = load(tmp_path).gradings
    (before,) = (g for g in load(folder).gradings if g.grade.submission == "05_root_of_p")
    assert again.grade.findings == before.grade.findings
    assert again.grade.seed == before.grade.seed == SEED


def hidden_rates(options: Options) -> set[float]:
    """The rates with many digits that are drawn for a grading: one that people type may stand anywhere."""
    drawn = [stage for stage in stages(SEED, options.rates, options.inputs) if not stage.public]
    return {call.p for stage in drawn for call in stage.calls if len(f"{call.p:g}") >= 7}


def test_feedback_holds_no_secret_and_nobody_else(folder: Path) -> None:
    options = Options()
    hidden = hidden_rates(options)
    reference = {line.strip() for line in known.REFERENCE.splitlines()} - {
        line.strip() for line in known.START.splitlines()
    }
    assert len(hidden) > 20
    assert reference
    for name in SAMPLES:
        text = re.sub(r"base64,[A-Za-z0-9+/=]+", "", text_of(folder / "feedback" / f"{name}.html"))
        assert not [p for p in hidden if f"{p:g}" in text]
        assert str(SEED) not in re.sub(r"<style>.*?</style>|sha256-\S+", "", text, flags=re.S)
        assert not [other for other in SAMPLES if other != name and other in text]
        assert "index.html" not in text
        own = {line.strip() for line in sample_source(name).splitlines()}
        assert not [line for line in reference - own if line in text]


def test_terse_feedback_names_no_mistake_and_no_number(tmp_path: Path) -> None:
    options = ["--execute", "none", "--quiet", "--feedback", "terse"]
    assert main(["grade", str(SUBMISSIONS / "05_root_of_p.ipynb"), "--out", str(tmp_path), *options]) == 0
    assert main(["export", str(tmp_path), "--format", "gradescope"]) == 0
    (result,) = tmp_path.glob("gradescope/*/results.json")
    for told in (text_of(tmp_path / "feedback/05_root_of_p.html"), text_of(result)):
        assert "R7" in told
        assert not [word for word in ("root of p", "1.8257", "2.333", "<img") if word in told]
    assert "not told" in text_of(tmp_path / "submissions/05_root_of_p.html")  # nor does the gradebook hold it


def sample_source(name: str) -> str:
    notebook = json.loads((SUBMISSIONS / f"{name}.ipynb").read_text(encoding="utf-8"))
    return "\n".join("".join(cell["source"]) for cell in notebook["cells"])


def test_what_a_submission_brought_is_text(tmp_path: Path, gradings: tuple[Grading, ...]) -> None:
    bad = replace(
        gradings[3].grade, submission="x", source=HOSTILE, output=HOSTILE, explanation=HOSTILE, feedback=HOSTILE
    )
    pages.write_report((replace(gradings[3], student=HOSTILE, grade=bad),), tmp_path, known.START, {})
    written = list(tmp_path.rglob("*.html"))
    assert len(written) == 3
    for page in written:
        text = text_of(page)
        assert HOSTILE not in text
        assert "taken&#39;" in text
        assert text.count("<script") == (page.name == "index.html")
        assert page.parent in (tmp_path, tmp_path / "submissions", tmp_path / "feedback")


def test_two_students_never_share_a_file() -> None:
    students = ["a/b", "a_b", "..", ".", "x" * 400, "x" * 401, "ann", "\0"]
    files = [names.file_name(name) for name in students]
    assert len(set(files)) == len(students)
    assert names.file_name("ann") == "ann"
    assert all("/" not in name and not name.startswith(".") and len(name.encode()) < 200 for name in files)


CURIOUS = """
    def __call__(self, x):
        if self.p not in {public}:
            {deed}
        return self.forward(x)
"""
DEEDS = {
    "raises": 'raise RuntimeError(f"rate {self.p!r}")',
    "raises a type of its own": 'raise type(f"Rate{self.p}".replace(".", "_"), (Exception,), {})()',
    "returns a type of its own": 'return type(f"Rate{self.p}".replace(".", "_"), (), {})()',
    "returns a shape": 'return __import__("numpy").zeros(int(self.p * 1e6))',
    "prints": 'print("rate", self.p)',
}


@pytest.mark.parametrize("deed", DEEDS.values(), ids=list(DEEDS))
def test_a_layer_cannot_tell_its_author_the_hidden_rates(deed: str, tmp_path: Path) -> None:
    head = known.REFERENCE.partition("    def __call__")[0]
    path, options = tmp_path / "curious.py", Options()
    public = {call.p for stage in stages(SEED, options.rates, options.inputs) if stage.public for call in stage.calls}
    path.write_text(f"import numpy as np\n\n{head}{CURIOUS.format(public=public, deed=deed)}", encoding="utf-8")
    with Grader(Settings(seed=SEED)) as grader:
        grade = grader.grade(path, curve=False)
    rates = hidden_rates(options)
    pages.write_report((Grading(1, "ann", 1, grade, at=NOW),), tmp_path, known.START, {})
    shown = [grade.feedback, grade.output, *(finding.measured for finding in grade.findings)]
    shown += [re.sub(r"<style>.*?</style>", "", text_of(tmp_path / "feedback/ann.html"), flags=re.S)]
    told = {sign for p in rates for sign in (repr(p), f"{p:g}", repr(p).replace(".", "_"))}
    told |= {str(int(p * 1e6)) for p in rates if p > 0.01}  # of a smaller one, a shape tells hardly a digit
    assert grade.passed == (deed == DEEDS["prints"]), "what is printed breaks no rule"
    assert not [(sign, text) for sign in told for text in shown if sign in text]


def a_class(graded: Grade, *kinds: tuple[str, dict[str, Any]]) -> list[Grading]:
    """One of each name, in order: this grade with something else about it."""
    own = [(name, replace(graded, submission=name, **fields)) for name, fields in kinds]
    return [Grading(n, name, 1, grade, at=NOW) for n, (name, grade) in enumerate(own, 1)]


NOTHING: dict[str, Any] = {"findings": (), "points": (), "curve": (), "source": ""}
UNREAD = {"status": Status.BAD_NOTEBOOK, "diagnosis": "bad notebook", "feedback": "Nothing was graded.", **NOTHING}
RAISED = {"status": Status.RAISED, "diagnosis": "raised", **NOTHING}


def test_the_class_page_answers_first(gradings: tuple[Grading, ...], tmp_path: Path) -> None:
    wrong, right = (next(g.grade for g in gradings if g.grade.diagnosis == name) for name in ("root of p", "correct"))
    honesty = load_exercise("dropout").honesty[0]
    cheat = {
        "diagnosis": "check cell changed",
        "findings": tuple(
            replace(f, outcome=Outcome.FAILED if f.rule == honesty else f.outcome) for f in right.findings
        ),
    }
    mixed = [("ann", UNREAD), ("bo", RAISED), ("cy", {"diagnosis": "no scale"}), ("di", {}), ("ed", {})]
    made = [*a_class(wrong, *mixed), *a_class(right, ("flo", {}), ("gus", cheat))]
    page = text_of(pages.write_report(made, tmp_path, known.START, {}, ["Hal, Al"]))
    said = re.findall(r'<p class="count">(.*?)</p>', page)
    told = "1 of 7 correct · 1 could not be graded: ask for the file · most frequent mistake: root of p (2)"
    assert said == [told]
    once = text_of(pages.write_report(a_class(wrong, ("ann", {})), tmp_path / "once", known.START, {}))
    assert re.findall(r'<p class="count">(.*?)</p>', once) == ["0 of 1 correct"]
    assert re.findall(r'href="#(\w+)"><b>(\d+)</b>', page) == [
        ("teach", "3"), ("python", "1"), ("chase", "3"), ("correct", "1"),
    ]  # fmt: skip
    assert page.count("⚑</td>") == 1
    assert "1 × nothing handed in" in page
    assert "Hal, Al" in page
    assert "worst variance error at published p" in page
    (anchor,) = re.findall(r'index.html#([^"]+)', text_of(tmp_path / "submissions/di.html"))
    assert f'id="{anchor}"' in page


def test_nothing_is_drawn_where_nothing_was_measured(tmp_path: Path) -> None:
    answer, out = tmp_path / "ann.ipynb", tmp_path / "out"
    call = ["grade", str(answer), "--out", str(out), "--execute", "none", "--quiet"]
    for content, drawn in ((SUBMISSIONS / "02_sqrt.ipynb").read_bytes(), True), (b"{", False):
        answer.write_bytes(content)
        assert main(call) == 0
        assert (out / "figures/ann.svg").exists() == drawn
        page = text_of(out / "feedback/ann.html")
        assert ("<img" in page, "The answer" in page) == (drawn, drawn)
    (counted,) = load(out).counted
    draw(counted.grade, out / "figures/ann", {}, png=False, stamp=counted.stamp)  # as earlier versions did
    assert main(["report", str(out)]) == 0
    assert "<img" not in text_of(out / "feedback/ann.html")
    assert "bad notebook · bad notebook" not in re.sub("<.*?>", "", page)
    assert "<img" not in grade_html(counted.grade)


def test_titles_name_the_student_and_late_is_said(gradings: tuple[Grading, ...], tmp_path: Path) -> None:
    grading = replace(gradings[1], student="Ann Lee", late=True, grade=replace(gradings[1].grade, submission="a__b"))
    draw(grading.grade, tmp_path / "a", {}, png=False, student=grading.student)
    assert "<dc:title>Ann Lee: pass</dc:title>" in text_of(tmp_path / "a.svg")
    pages.write_report([grading], tmp_path, known.START, {})
    feedback = text_of(tmp_path / "feedback/Ann Lee.html")
    assert "<title>Ann Lee</title>" in feedback
    assert "1: correct, late, counts" in feedback
    assert "a__b" not in feedback


def test_names_are_sorted_as_people_do(gradings: tuple[Grading, ...]) -> None:
    names = ["Dubois 9", "Dubois 10", "eda", "éda", "Eva", "Fay", "Łukasz", "Zoë"]
    entries = [Entry.of(replace(gradings[1], student=name)) for name in reversed(names)]
    assert [entry.student for entry in in_order(entries)] == names


def test_the_line_that_the_feedback_names_is_marked(gradings: tuple[Grading, ...]) -> None:
    feedback = "The cell does not run: NameError (line 7 of cell 12)."  # two cells are one answer
    grade = Grade("x", Status.RAISED, "raised", feedback, line=2, source="a\nb\nc")
    assert [line["here"] for line in pages._source(grade)] == [False, True, False]


def test_the_map_puts_a_layer_where_its_numbers_are(gradings: tuple[Grading, ...]) -> None:
    # one coin has a place only if it fell on the right side
    entries = [Entry.of(grading) for grading in gradings if not grading.grade.diagnosis.startswith("one coin")]
    found = class_map.class_map(MAP, entries)
    crosses = {cross.name: cross for cross in found["crosses"]}
    (correct,) = (dot for dot in found["dots"] if "correct" in dot.title)
    assert correct.x == pytest.approx(crosses["right scale"].x, abs=8)
    assert correct.y == pytest.approx(crosses["right scale"].y, abs=8)
    assert sum(dot.count for dot in found["dots"]) == len(entries) - 1
    assert found["nowhere"] == "1 scale measured from the data"
    assert MAP.places[0].y == stable_scale(0.3)


def test_the_map_has_a_place_for_layers_of_other_published_rates(tmp_path: Path) -> None:
    sample, options = str(SUBMISSIONS / "02_sqrt.ipynb"), ["--rates", "0.2,0.4", "--execute", "none", "--quiet"]
    assert main(["grade", sample, "--out", str(tmp_path), *options]) == 0
    (entry,) = map(Entry.of, load(tmp_path).gradings)
    assert entry.place == pytest.approx((0.7, stable_scale(0.3)), abs=0.02)


def test_dots_that_coincide_are_one_with_a_number(gradings: tuple[Grading, ...]) -> None:
    entries = [Entry.of(replace(gradings[1], student=f"s{n}")) for n in range(3000)]
    (dot,) = class_map.class_map(MAP, entries)["dots"]
    assert (dot.count, dot.r) == (3000, 16.0)
    assert len(pages.class_page(entries)) < 4e6


def test_neighbours_are_one_dot_wherever_they_lie() -> None:
    for start in range(20):
        assert [dot.count for dot in class_map._merged([(start, 50.0, "a"), (start + 3, 50.0, "b")])] == [2]
        assert len(class_map._merged([(start, 50.0, "a"), (start + 3 * class_map.GRID, 50.0, "b")])) == 2


def test_names_on_the_map_do_not_cover_each_other() -> None:
    """At 7 units a letter: more than any of the fonts that a browser may take."""
    boxes = []
    for cross in class_map.class_map(MAP, [])["crosses"]:
        width = 7 * len(cross.name)
        left, base = (cross.x + 20, cross.y + 4) if cross.side == "right" else (cross.x - width / 2, cross.y)
        base += {"right": 0, "above": -20, "below": 30}[cross.side]
        boxes.append((left, base - 11, left + width, base + 3, cross.name))
    assert [name for left, _, right, _, name in boxes if left < 44 or right > 560] == []
    for number, one in enumerate(boxes):
        for other in boxes[number + 1 :]:
            apart = one[2] < other[0] or other[2] < one[0] or one[3] <= other[1] or other[3] <= one[1]
            assert apart, f"{one[4]} and {other[4]}"


@pytest.mark.parametrize("chosen", [slice(0, 0), slice(1, 2), slice(1, 3)])
def test_any_class_has_a_report(tmp_path: Path, gradings: tuple[Grading, ...], chosen: slice) -> None:
    page = pages.write_report(gradings[chosen], tmp_path, known.START, {})
    assert f"of {len(gradings[chosen])} correct" in text_of(page)


def test_a_class_shows_itself_in_jupyterlab(gradings: tuple[Grading, ...]) -> None:
    report = ClassReport(tuple(replace(grading, student=HOSTILE) for grading in gradings))
    html = report._repr_html_()
    assert f"<h4>{sum(grading.grade.passed for grading in gradings)} of {len(gradings)} correct</h4>" in html
    assert HOSTILE not in html
    assert not re.search("<(script|style|a) ", html)  # nothing that would reach the notebook around it
    (image,) = re.findall(r"base64,([^\"]+)", html)
    drawing = ElementTree.fromstring(base64.b64decode(image))
    assert len(drawing.findall(".//{*}circle")) == len(class_map.class_map(MAP, list(map(Entry.of, gradings)))["dots"])
    assert BY_NAME["root of p"].hint in html.replace("&#39;", "'")


def test_attempts_are_told_and_the_last_one_counts(tmp_path: Path) -> None:
    task = Task.load(HANDOUT)
    for number, source in ((1, known.START), (2, known.REFERENCE)):
        path = tmp_path / f"in/ann/{number}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(sample(json.loads(TASK.read_text(encoding="utf-8")), source)))
    with Grader(Settings(execute="none")) as grader:
        grades = [grader.grade(path, curve=False) for path in sorted((tmp_path / "in/ann").iterdir())]
    made = [
        Grading(n, "ann", n, replace(g, submission=f"ann-{n}"), at=NOW, counted=n == 2) for n, g in enumerate(grades, 1)
    ]
    pages.write_report(made, tmp_path / "out", task.start, {})
    assert "1: not attempted; 2: correct, counts" in text_of(tmp_path / "out/feedback/ann.html")


def test_when_an_attempt_is_withdrawn_the_feedback_is_that_of_the_one_that_counts(tmp_path: Path) -> None:
    for number, name in ((1, "02_sqrt"), (2, "05_root_of_p")):
        answer = tmp_path / f"in/ann/{number}.ipynb"
        answer.parent.mkdir(parents=True, exist_ok=True)
        answer.write_bytes((SUBMISSIONS / f"{name}.ipynb").read_bytes())
        os.utime(answer, (number, number))
    call = ["grade", str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--execute", "none", "--quiet"]
    page = tmp_path / "out/feedback/ann.html"
    assert main(call) == 0
    os.utime(page, (2e9, 2e9))
    assert '<span class="fail">fail</span>' in text_of(page)
    answer.unlink()
    assert main(call) == 0
    assert '<span class="pass">pass</span>' in text_of(page)


def test_the_figure_of_an_earlier_grading_is_not_shown(tmp_path: Path) -> None:
    answer = tmp_path / "ann.ipynb"
    call = ["grade", str(answer), "--out", str(tmp_path / "out"), "--execute", "none", "--quiet"]
    pages_of = [tmp_path / "out/feedback/ann.html", tmp_path / "out/submissions/ann.html"]
    for name, options in (("01_untouched", []), ("02_sqrt", ["--no-figures"]), ("02_sqrt", [])):
        answer.write_bytes((SUBMISSIONS / f"{name}.ipynb").read_bytes())
        assert main([*call, *options]) == 0
        assert main(["report", str(tmp_path / "out")]) == 0  # draws the second's
        (counted,) = load(tmp_path / "out").counted
        assert has_stamp(tmp_path / "out/figures/ann.svg", counted.stamp)
        assert all("<img" in text_of(page) for page in pages_of)
