"""A person's way through the lesson, in a real JupyterLab and a real browser."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, expect, sync_playwright

from grader import Grader
from grader.cli import main
from grader.exercises.dropout import known
from grader.exercises.dropout.mistakes import BY_NAME
from grader.tests.conftest import write
from grader.tests.refresh import SUBMISSIONS, TASK, tagged
from grader.tests.support.lab import Person, Server, launch, serve

pytestmark = pytest.mark.browser

PLANTED = "scale = 1.0 / keep_prob"
REPAIRED = "scale = 1.0 / np.sqrt(keep_prob)"
# What a learner's first tries look like, and what the grader calls them.
CLASSIC = {
    "scale = 1.0 / self.p": "divided by p",
    "scale = np.sqrt(keep_prob)": "root not inverted",
    "scale = keep_prob ** -1/2": "** before /",
}
GUESSES = {
    "left-guess": "(0, 0.7, 0.3)",
    "scale-guess": '"C"',
    "break-it-guess": "(5, 76)",
    "twenty-layers-guess": "(1253, 1, 0.0008)",
}
FIGURES = 8  # F1 to F7, and the one to play with
DRAWN = ".jp-OutputArea-output svg[role=img]"
DESCRIBED = "figure => figure.ariaLabel ?? ''"
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
FORMULA = re.compile(r"\$\$.+?\$\$|\$.+?\$", re.S)
LEFTOVERS = re.compile(r"\$|\\[a-zA-Z(]|`|\*\*")  # of TeX and Markdown that was not rendered
MISTYPED = "mjx-merror, [data-mjx-error], mjx-container [mathcolor]"  # an unknown command is set in red
PROSE = """element => {
    const copy = element.cloneNode(true);
    copy.querySelectorAll('code, mjx-container').forEach(part => part.remove());
    return copy.textContent;
}"""
PAINTED = "figure => figure.childElementCount > 0 && figure.getBoundingClientRect().width > 100"
PICTURE = "image => image.complete && image.naturalWidth > 0"
FITS = """image => {
    const [inner, outer] = [image, image.closest('.jp-OutputArea-output')].map(each => each.getBoundingClientRect());
    return inner.left >= outer.left && inner.right <= outer.right;
}"""
LINES = """output => [
    Math.round(output.getBoundingClientRect().height / parseFloat(getComputedStyle(output).lineHeight)),
    output.textContent.replace(/\\n$/, '').split('\\n').length,
]"""
SIDEWAYS = (
    "element => element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).overflowX !== 'visible'"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=20_000)  # a page that is ready, on a machine with other work
    with sync_playwright() as playwright:
        opened = launch(playwright)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def lab(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(tmp_path_factory.mktemp("course"), tmp_path_factory.mktemp("lab")) as server:
        yield server


@pytest.fixture(scope="module")
def desk(browser: Browser, lab: Server) -> Iterator[Person]:
    """The task notebook, opened in a copy of the repository's notebooks folder."""
    folder = lab.root / "desk"
    shutil.copytree(TASK.parent, folder)
    yield from opened(browser, lab, folder / TASK.name)


@pytest.fixture
def person(desk: Person) -> Person:
    """Somebody who has the task notebook in front, as it was handed out, with nothing run: one page for them all."""
    shutil.copy(TASK, desk.path)
    desk.start_over()
    assert not any(cell["count"] or cell["outputs"] for cell in desk.cells())
    return desk


def opened(browser: Browser, lab: Server, path: Path, *, classic: bool = False) -> Iterator[Person]:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    person = Person(page, lab, path, classic=classic)
    yield person
    person.leave()
    page.close()


# --- the way through -------------------------------------------------------------------------------------------


def test_run_all_names_the_planted_bug_and_shows_no_error(person: Person) -> None:
    person.run_all()
    shown = [output for cell in person.cells() for output in cell["outputs"]]
    assert "stdout" in shown
    assert not {"error", "stderr"} & set(shown)
    expect(person.check()).to_contain_text("not attempted")


def test_one_edited_line_passes_the_check_and_the_saved_file_is_graded_as_passed(person: Person) -> None:
    person.run_all()
    (answer,) = person.tagged("implementation")
    person.retype(answer, PLANTED, REPAIRED)
    person.run_check(answer)
    expect(person.check()).to_contain_text("pass · correct")
    expect(person.check()).to_contain_text("Next: save the notebook")
    figure = person.check().locator("svg[role=img]")
    expect(figure).to_have_count(1)
    assert figure.evaluate(PAINTED)
    assert len(figure.evaluate(DESCRIBED)) > 60
    with Grader() as grader:
        grade = grader.grade(person.save())
    assert (grade.passed, grade.diagnosis, grade.execution) == (True, "correct", "ran")


def test_three_classic_mistakes_are_each_named(person: Person) -> None:
    person.run_all()
    (answer,) = person.tagged("implementation")
    line = PLANTED
    for mistake, name in CLASSIC.items():
        assert name in BY_NAME
        person.retype(answer, line, mistake)
        person.run_check(answer)
        expect(person.check()).to_contain_text(f"fail · {name}")
        expect(person.check()).not_to_contain_text("pass · ")
        line = mistake


def test_a_name_of_another_cell_does_not_pass_the_check_and_is_named(person: Person) -> None:
    person.run_all()  # the check cell itself imports math
    (answer,) = person.tagged("implementation")
    person.retype(answer, PLANTED, "scale = 1.0 / math.sqrt(keep_prob)")
    person.run_check(answer)
    expect(person.check()).to_contain_text("fail · raised")
    expect(person.check()).to_contain_text("math is not imported in your cell; it works here only because another cell")
    expect(person.check().locator("pre").first).to_contain_text("scale = 1.0 / math.sqrt(keep_prob)")
    with Grader() as grader:
        assert grader.grade(person.save()).diagnosis == "raised"


def test_after_a_syntax_error_the_check_says_whose_verdict_it_is(person: Person) -> None:
    person.run_all()
    (answer,) = person.tagged("implementation")
    person.retype(answer, PLANTED, REPAIRED)
    person.run_check(answer)
    expect(person.check()).not_to_contain_text("did not run")
    person.retype(answer, REPAIRED, "scale = = 1.0")
    person.run_one(answer)
    person.run_one(answer + 1)
    notice = "The cell above did not run; this is the verdict on its previous version."
    expect(person.check().locator(".verdict p").first).to_have_text(notice)
    expect(person.check()).to_contain_text("pass · correct")
    expect(person.check().locator("pre").last).to_have_text("0")  # points
    person.retype(answer, "scale = = 1.0", REPAIRED)
    person.run_check(answer)
    expect(person.check()).not_to_contain_text("did not run")


def test_the_verdict_comes_first_and_the_rules_that_hold_are_folded(person: Person) -> None:
    person.run_all()
    verdict = person.check().locator(".verdict")
    expect(verdict.locator("p").first).to_have_text("not attempted")
    expect(verdict.locator("ul > li").first).to_contain_text("R7 scale: s = 1.4286")
    expect(verdict.locator("summary")).to_have_text("6 rules hold")
    expect(verdict.get_by_text("R1 construction")).not_to_be_visible()
    verdict.locator("summary").click()
    expect(verdict.get_by_text("R1 construction")).to_be_visible()


def test_the_figure_to_play_with_follows_the_keyboard(person: Person) -> None:
    person.run_all()
    p, s = person.page.locator(".jp-OutputArea-output input[type=range]").all()
    said = person.page.locator(".jp-OutputArea-output figure [aria-live]")
    expect(said).to_have_text("p = 0.30, s = 1.00: mean × 0.70, power × 0.70")
    p.focus()
    for _ in range(4):
        p.press("ArrowRight")
    s.focus()
    s.press("End")
    expect(said).to_have_text("p = 0.50, s = 3.50: mean × 1.75, power × 6.13")
    bars = person.page.locator(".jp-OutputArea-output figure rect[height='26']").all()
    assert [float(bar.get_attribute("width") or 0) for bar in bars] == [262.5, 480]


def test_notebook_7_shows_the_same(browser: Browser, lab: Server, tmp_path: Path) -> None:
    path = write(lab.root / "classic" / TASK.name, json.loads(TASK.read_text(encoding="utf-8")))
    for person in opened(browser, lab, path, classic=True):
        person.run_all()
        expect(person.check().locator(".verdict p").first).to_have_text("not attempted")
        (answer,) = person.tagged("implementation")
        person.retype(answer, PLANTED, "scale = 1.0 / math.sqrt(keep_prob)")
        person.run_one(answer)
        person.run_one(answer + 1)
        expect(person.check()).to_contain_text("math is not imported in your cell")
        person.retype(answer, "scale = 1.0 / math.sqrt(keep_prob)", "scale = = 1.0")
        person.run_one(answer)
        person.run_one(answer + 1)
        expect(person.check()).to_contain_text("The cell above did not run")
        slider = person.page.locator(".jp-OutputArea-output input[type=range]").last
        slider.press("End")
        said = person.page.locator(".jp-OutputArea-output figure [aria-live]")
        expect(said).to_have_text("p = 0.30, s = 3.50: mean × 2.45, power × 8.57")
        for theme, name in THEMES.items():
            person.theme(name)
            expect(said).to_be_visible()
            person.page.screenshot(path=tmp_path / f"play-{theme}.png")
            person.check().screenshot(path=tmp_path / f"check-{theme}.png")


def test_a_guess_that_is_no_number_is_refused(person: Person) -> None:
    person.run_all()
    (guess,) = [k for k, cell in enumerate(person.cells()) if cell["source"].startswith('guess = None\n# "A"')]
    for source, said in {
        "guess = lambda p: float('nan')": "Your function gives nan at p = 0.1.",
        "guess = lambda p: 1 / (p - p)": "Your function raised ZeroDivisionError at p = 0.1",
    }.items():
        person.retype(guess, "guess = ", source)
        person.run_one(guess)
        output = person.cell(guess).locator(".jp-Cell-outputWrapper")
        expect(output).to_contain_text(said)
        expect(output.locator("svg[role=img]")).to_have_count(0)


def test_before_the_repair_section_7_says_whose_numbers_it_shows(person: Person) -> None:
    (guess,) = [k for k, cell in enumerate(person.cells()) if cell["source"].startswith("guess = None\n# (mean, var")][
        -1:
    ]
    person.retype(guess, "guess = None", "guess = (5, 76)")
    person.run_all()
    shown = person.cell(guess).locator(".jp-Cell-outputWrapper")
    expect(shown).to_contain_text("Your layer is not right yet: at p = 0.75, s²·q is 4 instead of 1.")
    expect(shown).to_contain_text("your layer")


def test_the_check_cell_refuses_typing_and_deletion(person: Person) -> None:
    before = person.cells()
    (index,) = person.tagged("check")
    cell = person.cell(index)
    cell.locator(".jp-InputPlaceholder .jp-Placeholder-content").click()  # its code is folded away
    cell.locator(".cm-line").first.click()
    person.page.keyboard.type("score = 10")
    assert person.cells() == before
    person.page.keyboard.press("Escape")
    person.page.keyboard.press("d")
    person.page.keyboard.press("d")
    assert person.cells() == before
    # The same keys do change another cell, so it was the cell that refused.
    person.put_cursor(index - 1, PLANTED)
    person.page.keyboard.type("#")
    person.page.keyboard.press("Escape")
    person.page.keyboard.press("d")
    person.page.keyboard.press("d")
    assert len(person.cells()) == len(before) - 1


def test_a_split_implementation_cell_is_graded_as_a_whole(person: Person, grader: Grader) -> None:
    (answer,) = person.tagged("implementation")
    split_before(person, answer, "def forward(self, x):")
    assert person.tagged("implementation") == [answer, answer + 1]
    grade = grader.grade(person.save())
    assert (grade.passed, grade.diagnosis) == (False, "not attempted")
    person.retype(answer + 1, PLANTED, REPAIRED)
    grade = grader.grade(person.save())
    assert (grade.passed, grade.diagnosis) == (True, "correct")


def split_before(person: Person, index: int, line: str) -> None:
    person.put_cursor(index, line)
    person.page.keyboard.press("Home")  # to the first letter
    person.page.keyboard.press("Home")  # to the margin
    person.page.keyboard.press("Control+Shift+Minus")


def test_of_a_duplicated_implementation_cell_the_repaired_copy_counts(person: Person, grader: Grader) -> None:
    (answer,) = person.tagged("implementation")
    person.put_cursor(answer, PLANTED)
    person.page.keyboard.press("Escape")
    person.cell(answer).locator('[data-command="notebook:duplicate-below"]').click()
    expect(person.cell(answer + 1)).to_contain_text(PLANTED)
    assert person.tagged("implementation") == [answer, answer + 1]
    person.retype(answer + 1, PLANTED, REPAIRED)
    grade = grader.grade(person.save())
    assert (grade.passed, grade.diagnosis) == (True, "correct")


def test_a_teacher_looks_at_a_class_in_a_notebook(browser: Browser, lab: Server, tmp_path: Path) -> None:
    assert main(["grade", str(SUBMISSIONS), "--out", str(tmp_path), "--execute", "none", "--quiet"]) == 0
    cell = nbformat.v4.new_code_cell(f"import grader\ngrader.load({str(tmp_path)!r})")
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}  # without it, Lab asks which
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": kernel})
    for person in opened(browser, lab, write(lab.root / "class" / "class.ipynb", notebook)):
        person.run_all()
        shown = person.cell(0).locator(".jp-Cell-outputWrapper")
        expect(shown).to_contain_text("2 of 12 correct")
        expect(shown.locator("tbody tr")).to_have_count(11)
        figure = shown.locator("img")
        assert figure.evaluate(PICTURE)
        assert figure.evaluate(FITS)
        assert "p = 0.3" in (figure.get_attribute("alt") or "")
        hint = shown.locator("tbody td:last-child").first
        assert hint.evaluate("element => getComputedStyle(element).textAlign") == "left"


# --- what it looks like ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Look:
    """The solved lesson in front of somebody, in one theme and at one width."""

    person: Person
    theme: str
    width: int

    def all(self, selector: str) -> list[Locator]:
        return self.person.page.locator(".jp-NotebookPanel").locator(selector).all()

    def measured(self, script: str, selector: str) -> list[Any]:
        """What a JavaScript function finds in each element. All in one go: a figure has hundreds."""
        found = self.person.page.locator(".jp-NotebookPanel").locator(selector)
        shown: list[Any] = found.evaluate_all(f"elements => elements.map(each => ({script})(each))")
        return shown


@pytest.fixture(scope="module")
def solved(browser: Browser, lab: Server) -> Iterator[Person]:
    """The lesson with every guess made and the layer repaired, run from top to bottom."""
    # every cell stays in the page, so that all of them can be measured
    lab.set("@jupyterlab/notebook-extension/tracker", {"windowingMode": "none", "scrollPastEnd": False})
    for person in opened(browser, lab, write(lab.root / "solved" / TASK.name, with_guesses())):
        person.run_all()
        yield person


def with_guesses() -> dict[str, Any]:
    notebook: dict[str, Any] = json.loads(TASK.read_text(encoding="utf-8"))
    tagged(notebook, "implementation")["source"] = known.REFERENCE.rstrip("\n")
    for name, guess in GUESSES.items():
        (cell,) = [cell for cell in notebook["cells"] if cell["id"] == name]
        source = "".join(cell["source"])
        assert source.startswith("guess = None")
        cell["source"] = source.replace("guess = None", f"guess = {guess}", 1)
    return notebook


@pytest.fixture(scope="module", params=[f"{theme}-{width}" for theme in THEMES for width in (1280, 800)])
def look(solved: Person, request: pytest.FixtureRequest) -> Look:
    theme, width = request.param.split("-")
    # at 1280 as JupyterLab opens; at 800 nobody leaves the list of files open
    solved.look(THEMES[theme], int(width), 1000, files=width == "1280")
    look = Look(solved, theme, int(width))
    look.measured("hint => { hint.open = false }", "details")
    return look


def test_every_figure_is_painted_described_and_fits_its_place(look: Look) -> None:
    figures = look.all(DRAWN)
    assert len(figures) == FIGURES
    for figure in figures:
        assert figure.evaluate(PAINTED)
        assert len(figure.evaluate(DESCRIBED)) > 60
        assert figure.evaluate(FITS)


def test_every_hint_opens_and_shows_its_formulas(look: Look) -> None:
    hints = look.all(".jp-RenderedMarkdown details")
    sources = re.findall(r"<details>.*?</details>", text_of_the_lesson(), re.S)
    assert len(hints) == len(sources) > 10
    for hint, source in zip(hints, sources, strict=True):
        body = hint.locator("p").last
        expect(body).not_to_be_visible()
        hint.locator("summary").click()
        expect(body).to_be_visible()
        expect(hint.locator("mjx-container:visible")).to_have_count(len(FORMULA.findall(source)))
        assert not LEFTOVERS.search(hint.evaluate(PROSE))


def test_every_formula_is_typeset(look: Look) -> None:
    formulas = look.all(".jp-RenderedMarkdown mjx-container")
    assert len(formulas) == len(FORMULA.findall(text_of_the_lesson())) > 50
    assert look.all(MISTYPED) == []
    for text in look.all(".jp-RenderedMarkdown"):
        assert not LEFTOVERS.search(text.evaluate(PROSE))


def text_of_the_lesson() -> str:
    cells = json.loads(TASK.read_text(encoding="utf-8"))["cells"]
    return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


def test_nothing_but_code_scrolls_sideways(look: Look) -> None:
    look.measured("hint => { hint.open = true }", "details")
    sideways = look.measured(SIDEWAYS, ".jp-OutputArea-output, .jp-OutputArea-output *, .jp-RenderedMarkdown")
    assert not any(sideways)


def test_no_printed_line_is_broken(look: Look) -> None:
    """JupyterLab breaks a line that is too long wherever it ends, within words too."""
    printed = look.measured(LINES, ".jp-OutputArea-output pre")
    assert len(printed) > 5
    assert all(shown == written for shown, written in printed)


def test_it_can_be_looked_at_from_top_to_bottom(look: Look, tmp_path: Path) -> None:
    look.measured("hint => { hint.open = true }", "details")
    pieces = photograph(look.person, tmp_path, f"{look.theme}-{look.width}")
    assert len(pieces) > 10
    assert all(piece.stat().st_size > 10_000 for piece in pieces)


def photograph(person: Person, folder: Path, name: str) -> list[Path]:
    """The whole notebook in pieces as high as the window, each beginning a little above the end of the last."""
    scroller = person.page.locator(".jp-NotebookPanel .jp-WindowedPanel-outer")
    height, seen = scroller.evaluate("panel => [panel.scrollHeight, panel.clientHeight]")
    pieces: list[Path] = []
    for top in range(0, height, seen - 40):
        scroller.evaluate("(panel, top) => panel.scrollTo({ top, behavior: 'instant' })", top)
        pieces.append(folder / f"{name}-{len(pieces):02}.png")
        person.page.screenshot(path=pieces[-1])
    return pieces


@pytest.mark.slow
def test_axe_finds_nothing_in_texts_and_outputs(look: Look) -> None:
    """JupyterLab's own parts are left out, such as its editors' colours; so is that it does not underline links."""
    if look.width == 1280:
        page = look.person.page
        look.measured("hint => { hint.open = true }", "details")
        # JupyterLab's body has no height, and axe takes what lies outside of it, or of the window, for invisible
        style = page.add_style_tag(content="body, .jp-LabShell, .jp-InputArea { overflow: visible !important }")
        page.set_viewport_size({"width": look.width, "height": 30_000})
        context = {"include": [".jp-NotebookPanel .jp-RenderedMarkdown", ".jp-NotebookPanel .jp-OutputArea-output"]}
        options = {"rules": {"link-in-text-block": {"enabled": False}}}
        found = Axe().run(page, context=context, options=options).response
        style.evaluate("style => style.remove()")
        assert [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]] == []
        assert {"color-contrast", "heading-order", "svg-img-alt"} <= {each["id"] for each in found["passes"]}


def test_the_pictures_of_the_readme(solved: Person, tmp_path: Path) -> None:
    folder = Path(os.environ.get("GRADER_SCREENSHOTS") or tmp_path)
    solved.look(THEMES["light"], 1000, 1040, files=False)
    tops = {
        "lesson-light": solved.page.locator(".jp-RenderedMarkdown p", has_text="Why power?"),
        # from the check down: the repaired line above it is for the learner to find
        "check-pass": solved.page.locator(".jp-OutputArea-output p", has_text="pass · correct"),
    }
    for name, top in tops.items():
        top.evaluate("element => element.scrollIntoView({ behavior: 'instant' })")
        expect(top.first).to_be_in_viewport()
        solved.page.screenshot(path=folder / f"{name}.png")
        assert (folder / f"{name}.png").stat().st_size > 10_000
