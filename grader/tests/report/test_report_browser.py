"""The pages in a real browser: nothing a submission brought runs, axe finds nothing, and a large class opens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from grader import Grader
from grader.exercises.dropout import known
from grader.report import pages
from grader.report.entries import Entry
from grader.result import Grading
from grader.tests.support.batch import HOSTILE, NOW
from grader.tests.support.lab import launch

pytestmark = pytest.mark.browser

SOURCES = {"right": known.REFERENCE, "planted": known.START, "no scale": known.START.replace("1.0 / keep_prob", "1.0")}
PAGES = ("index.html", "submissions/s0.html", "submissions/s2.html", "feedback/Student 0.html")
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
    (out / "large.html").write_text(pages.class_page([Entry.of(grading) for grading in gradings]), encoding="utf-8")
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


def test_a_class_of_3000_opens_and_filters(page: Page, folder: Path) -> None:
    """How fast: the row "report" of the benchmark."""
    page.goto((folder / "large.html").as_uri())
    expect(page.locator("#submissions tbody tr")).to_have_count(3000)
    page.locator("#filter").fill("Student 2999")
    expect(page.locator("#shown")).to_have_text("1 of 3000 shown")
