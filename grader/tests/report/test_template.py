"""The figure written into a template is matplotlib's figure of the whole: the same picture, whatever it shows."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Callable, Iterator
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, sync_playwright

from grader import Grade
from grader.report import figures, template
from grader.report.markup import xml_text
from grader.result import Point, Status
from grader.tests.support.batch import HOSTILE
from grader.tests.support.lab import launch

FINE = 4  # samples in a pixel, each way
# A title's letters lie in one path, which Chromium samples more coarsely than each alone, and places are rounded to
# 1/1000 pt: at the edge of a shape, one sample of the 16 may differ.
ONE_SAMPLE = 255 / FINE**2 + 1
DC = "{http://purl.org/dc/elements/1.1/}"


def measured(
    law: Callable[[float], float],
    scale: Callable[[float], float] = lambda p: math.nan,
    error: Callable[[float], float] = lambda p: 0.01,
) -> tuple[Point, ...]:
    rates = [round(0.1 * k, 1) for k in range(1, 10)]
    return tuple(Point(p, "normal", 1, law(p), 1, 1, error(p), {"scale": scale(p), "kept": 1 - p}) for p in rates)


def grade(curve: tuple[Point, ...], diagnosis: str = "inverted dropout") -> Grade:
    return Grade("one", Status.GRADED, diagnosis, "", curve=curve)


def inverted(p: float) -> float:
    return 1 / (1 - p)


CASES = {  # a Grade and its student
    "infinite closed form": (grade(measured(inverted, lambda p: 1e200 if p > 0.7 else 1 / (1 - p))), "x"),
    "right": (
        grade(measured(lambda p: 1.0, lambda p: (1 - p) ** -0.5), "correct"),
        "Åsa Ünïcode Ørsted, AVATAR fi ffl",
    ),
    "closed form": (grade(measured(inverted, inverted)), HOSTILE),
    "wide limits": (grade(measured(lambda p: 0.02 + 200 * p**5)), "{{words}} --> $\\frac$ & \\$ ]]>"),
    "triangles": (grade(measured(lambda p: 1e-5 if p < 0.4 else 1e7 * p if p > 0.6 else 3.0)), "العربية עברית"),
    "closed form beyond": (grade(measured(lambda p: (1 - p) ** -5, lambda p: (1 - p) ** -3)), ""),
    "bars down to nothing": (grade(measured(lambda p: 1.0, error=lambda p: p), "x"), "Ą̈́ǺŐẤ g̱ j\n\tq"),
    "bars without end": (grade(measured(lambda p: 1.0, error=lambda p: math.inf if p < 0.3 else 0.1), "x"), "q" * 200),
    "bars of nothing": (
        grade(measured(lambda p: 1.0, error=lambda p: math.nan if p < 0.3 else 0.1)),
        "x\x01\udcff\ufffe",
    ),
    "no measurement": (Grade("one", Status.RAISED, "raised", ""), "x"),
}


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    height = round(640 * figures.SIZE[1] / figures.SIZE[0])
    with sync_playwright() as playwright:
        browser = launch(playwright)
        page = browser.new_page(viewport={"width": 640, "height": height}, device_scale_factor=FINE)
        page.set_content("<style>* { margin: 0 } img { display: block; width: 640px }</style><img>")
        yield page
        browser.close()


def seen(page: Page, svg: bytes) -> Any:
    source = f"data:image/svg+xml;base64,{base64.b64encode(svg).decode()}"
    page.evaluate("source => { const image = document.images[0]; image.src = source; return image.decode() }", source)
    pixels = np.asarray(Image.open(io.BytesIO(page.screenshot())).convert("RGB"), float)
    height, width = (size // FINE for size in pixels.shape[:2])
    return pixels.reshape(height, FINE, width, FINE, 3).mean(axis=(1, 3))


@pytest.mark.browser
@pytest.mark.filterwarnings("ignore:Glyph")
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("tolerance", [0.1, 0.02])
def test_it_is_the_same_picture_as_matplotlibs_own(case: str, tolerance: float, page: Page) -> None:
    settings = {"tolerance": tolerance}
    whole = figures.render(figures.figure(*args(case, settings)), "svg", "", "")
    difference = np.abs(seen(page, whole) - seen(page, template.svg(*args(case, settings))))
    assert difference.max() <= ONE_SAMPLE
    assert (difference > 2).mean() < 0.001  # and few do


def args(case: str, settings: dict[str, float]) -> tuple[Grade, dict[str, float], str]:
    grade, student = CASES[case]
    return grade, settings, student


@pytest.mark.filterwarnings("ignore:Glyph")
@pytest.mark.parametrize("case", CASES)
def test_it_is_xml_that_names_the_student_and_says_what_is_shown(case: str) -> None:
    grade, student = CASES[case]
    written = template.svg(grade, {}, student, "7 of today")
    root = ElementTree.fromstring(written)
    found = {name: root.findtext(f".//{DC}{name}") for name in ("title", "description", "identifier")}
    assert found == {
        "title": xml_text(figures.verdict_line(grade, student)),
        "description": xml_text(figures.description(grade, student)),
        "identifier": "7 of today",
    }
    assert {element.tag.partition("}")[2] for element in root.iter()} <= SHAPES
    assert b"{{" not in template.svg(grade, {}, "ann")  # no gap is left
    assert template.svg(grade, {}, student, "7 of today") == written


SHAPES = {"svg", "title", "metadata", "RDF", "Work", "type", "description", "format", "identifier", "creator"} | {
    "Agent", "defs", "style", "g", "path", "use", "circle", "clipPath", "rect"
}  # fmt: skip


def test_matplotlib_draws_once_for_all_that_look_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    template._template.cache_clear()
    drawn: list[Any] = []
    theory = figures.theory
    monkeypatch.setattr(figures, "theory", lambda *args: drawn.append(theory(*args)) or drawn[-1])  # type: ignore[func-returns-value]
    for student in ("ann", "bob"):
        for name in ("right", "closed form", "triangles"):  # two axes
            template.svg(CASES[name][0], {}, student)
    assert len(drawn) == 2
    template.svg(CASES["right"][0], {"tolerance": 0.05})
    assert len(drawn) == 3


def test_letters_are_shapes_and_no_font_is_asked_for() -> None:
    written = template.svg(CASES["right"][0], {}, "ann")
    assert b"<text" not in written
    assert b"font" not in written.replace(b"DejaVuSans", b"")
