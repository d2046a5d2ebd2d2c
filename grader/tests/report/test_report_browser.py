"""The pages in a real browser: nothing a submission brought runs, axe finds nothing, and a large class opens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from grader import Grader, load_exercise
from grader.exercises.dropout import known
from grader.report import pages
from grader.report.entries import Entry
from grader.result import Grading
from grader.tests.support.batch import HOSTILE, NOW
from grader.tests.support.lab import FLAGS, launch
from grader.tests.support.machine import chromium

pytestmark = pytest.mark.browser

SOURCES = {"right": known.REFERENCE, "planted": known.START, "no scale": known.START.replace("1.0 / keep_prob", "1.0")}
PAGES = ("index.html", "blocks.html", "submissions/s0.html", "submissions/s2.html", "feedback/Student 0.html")
STUDENTS = 30


@pytest.fixture(scope="module")
def gradings(tmp_path_factory: pytest.TempPathFactory) -> tuple[Grading, ...]:
    folder = tmp_path_factory.mktemp("class")
    with Grader() as grader:
        grades = []
        for name, source in SOURCES.items():
            (folder / f"{name}.py").write_text(f"import numpy as np\n\n{source}", encoding="utf-8")
            grades.append(grader.grade(folder / f"{name}.py"))
    several = [Grading(n, f"Student {n}", 1, grades[n % len(grades)], at=NOW) for n in range(3000)]
    return tuple(replace(g, grade=replace(g.grade, submission=f"s{g.number}", output=HOSTILE)) for g in several)


@pytest.fixture(scope="module")
def folder(gradings: tuple[Grading, ...], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("report")
    pages.write_report(gradings[:STUDENTS], out, known.START, {})
    entries = [Entry.of(grading) for grading in gradings]
    for name, count in (("large", len(entries)), ("blocks", 250)):
        (out / f"{name}.html").write_text(pages.class_page(entries[:count]), encoding="utf-8")
    return out


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = launch(playwright)
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    yield page
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_nothing_runs_and_no_page_scrolls_sideways(
    scheme: str, browser: Browser, folder: Path
) -> None:
    page = browser.new_page(color_scheme="dark" if scheme == "dark" else "light")
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    for name in PAGES:
        page.goto((folder / name).as_uri())
        assert [found["id"] for found in Axe().run(page).response["violations"]] == [], name
        assert page.title() != "taken"
        for width in (800, 390):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name
    assert said == []
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    page.close()


def test_a_teacher_sorts_filters_opens_a_submission_and_comes_back(page: Page, folder: Path) -> None:
    page.goto((folder / "index.html").as_uri())
    rows = page.locator("#submissions tbody tr")
    expect(rows).to_have_count(STUDENTS)
    student = page.get_by_role("button", name="student")
    student.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(rows.first).to_contain_text(f"Student {STUDENTS - 1}")
    page.locator("#filter").fill("no scale")
    expect(page.locator("#shown")).to_have_text(f"{STUDENTS // 3} of {STUDENTS} shown")
    page.locator("#submissions tbody tr:visible a").first.click()
    expect(page.locator("h1")).to_contain_text("attempt 1")
    page.get_by_role("link", name="the class").click()
    expect(rows).to_have_count(STUDENTS)


def test_without_javascript_everything_is_there_and_it_prints(browser: Browser, folder: Path) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto((folder / "index.html").as_uri())
    expect(page.locator("#submissions tbody tr")).to_have_count(STUDENTS)
    expect(page.locator("#filter")).to_be_hidden()
    assert page.pdf(format="A4").startswith(b"%PDF")
    page.context.close()


STANDING = "rows => rows.filter(row => row.checkVisibility()).map(row => row.cells[0].textContent)"


def test_a_class_of_3000_is_sorted_and_filtered_over_its_blocks(page: Page, folder: Path) -> None:
    """How fast: the row "report" of the benchmark."""
    page.goto((folder / "large.html").as_uri())
    rows, names = page.locator("#submissions tbody tr"), [f"Student {n}" for n in range(3000)]
    assert page.locator("#submissions tbody").count() == 30
    assert rows.evaluate_all(STANDING) == names
    student, searched, shown = (
        page.get_by_role("button", name="student"),
        page.locator("#filter"),
        page.locator("#shown"),
    )
    student.click()
    assert rows.evaluate_all(STANDING) == names
    student.click()
    assert rows.evaluate_all(STANDING) == names[::-1]
    searched.fill("no scale")
    expect(shown).to_have_text("1000 of 3000 shown")
    assert rows.evaluate_all(STANDING) == names[2::3][::-1]
    assert page.locator("#submissions tbody:visible").count() == 10, "blocks are full, or not there"
    searched.fill("Student 2999")
    expect(shown).to_have_text("1 of 3000 shown")
    assert page.locator("#submissions").evaluate("table => table.clientHeight") < 300, "nothing is kept free"
    searched.fill("")
    assert rows.evaluate_all(STANDING) == names[::-1]


def test_of_a_large_class_only_what_is_in_sight_is_laid_out_and_all_can_be_found(page: Page, folder: Path) -> None:
    page.goto((folder / "blocks.html").as_uri())
    last = page.get_by_role("link", name="Student 249").last
    laid_out = "row => row.checkVisibility({ contentVisibilityAuto: true })"
    assert not last.evaluate(laid_out)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.evaluate("document.querySelectorAll('.cluster').forEach(list => list.remove())")  # which has it, too
    assert page.evaluate("find('Student 249')")
    assert page.evaluate("getSelection().anchorNode.parentElement.closest('tr').rowIndex") == 250
    last.scroll_into_view_if_needed()
    assert last.evaluate(laid_out)
    for width in (1280, 390):  # columns are the same in the head and in all blocks
        page.set_viewport_size({"width": width, "height": 900})
        edges = page.locator("#submissions tr").evaluate_all(
            "rows => [0, 1, 250].map(n => [...rows[n].cells].map(cell => cell.getBoundingClientRect().left))"
        )
        assert edges[0] == edges[1] == edges[2]


def test_blocks_of_a_large_class_are_one_table_to_a_screen_reader(browser: Browser, folder: Path) -> None:
    """Chromium's tree has what is not laid out as soon as a screen reader is there, for which the option stands."""
    flags = [*FLAGS, "--force-renderer-accessibility"]
    page = browser.browser_type.launch(executable_path=chromium(), args=flags).new_page()
    page.goto((folder / "blocks.html").as_uri())
    tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    nodes = {node["nodeId"]: node for node in tree}

    def below(node: Any, role: str) -> list[Any]:
        """The nearest of this role."""
        found = []
        for child in (nodes[name] for name in node["childIds"] if name in nodes):
            found += [child] if child.get("role", {}).get("value") == role else below(child, role)
        return found

    (table,) = (node for root in tree[:1] for node in below(root, "table"))
    head, *rows = below(table, "row")
    rules = len(load_exercise("dropout").rules)
    assert len(below(table, "rowgroup")) == 4
    assert (len(rows), len(below(head, "columnheader"))) == (250, 5 + rules)
    for row in (rows[0], rows[-1]):
        assert (len(below(row, "rowheader")), len(below(row, "cell"))) == (1, 4 + rules)
    assert below(rows[-1], "link")[0]["name"]["value"] == "Student 249"
    assert page.context.browser
    page.context.browser.close()


def test_a_large_class_prints_to_its_last_row_as_a_table(page: Page, folder: Path) -> None:
    page.goto((folder / "blocks.html").as_uri())
    page.emulate_media(media="print")
    last = page.locator("#submissions tbody tr").last
    assert last.evaluate("row => row.checkVisibility({ contentVisibilityAuto: true })")
    assert last.evaluate("row => getComputedStyle(row).display") == "table-row"
    printed = page.pdf(format="A4")
    assert len(re.findall(rb"/Type /Page\b", printed)) > 6
