"""Whose a submission is, from the paths of a batch alone; a layout is decided once, and said."""

from __future__ import annotations

import csv
import io
import os
import shutil
import time
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader import Settings
from grader.api import grade_class
from grader.cli import main
from grader.course.gradebook import load
from grader.errors import UsageError
from grader.submissions.collect import collect
from grader.submissions.gradescope import submitters
from grader.submissions.layouts import LAYOUTS, attribute
from grader.submissions.paths import Place
from grader.submissions.platforms import PLATFORMS, Owner, named_by_platform
from grader.tests.refresh import SUBMISSIONS, TASK


def laid(folder: Path, *names: str) -> Path:
    """A folder with these files in it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("{}", encoding="utf-8")
    return folder


def places(*paths: str) -> list[Place]:
    return [Place(tuple(path.split("/"))) for path in paths]


def whose(*paths: str, layout: str | None = None) -> list[Owner]:
    return [owner for (owner,) in attribute(places(*paths), layout, notebook="variance_dropout_task").owners]


CLASSES = {
    "canvas": {
        "leeann_11_901_task.ipynb": Owner("leeann", "Canvas 11"),
        "team_a_14_904_task.ipynb": Owner("team_a", "Canvas 14"),
        "raybob_LATE_12_902_task-2.ipynb": Owner("raybob", "Canvas 12", 2, late=True),
        "müllerjürgen_13_903_11111111-2.zip/task.ipynb": Owner("müllerjürgen", "Canvas 13", 2),
    },
    "moodle": {
        "Ann Lee_11_assignsubmission_file_/task.ipynb": Owner("Ann Lee", "Participant 11"),
        "Participant_12_assignsubmission_file_/task.ipynb": Owner("Participant", "Participant 12"),
        "Team 1_assignsubmission_file_task.ipynb": Owner("Team 1"),
    },
    "gradescope": {
        "export/submission_11/task.ipynb": Owner("submission_11", "submission 11"),
        "export/submission_12/deep/task.ipynb": Owner("submission_12", "submission 12"),
    },
    "nbgrader": {
        "submitted/ann/ps1/task.ipynb": Owner("ann"),
        "submitted/bob/ps1/old/task.ipynb": Owner("bob"),
    },
    "blackboard": {
        "HW_1_alee_attempt_2026-01-31-12-00-00_task.ipynb": Owner("alee", "alee", 20260131120000),
        "HW_1_bray_attempt_2026-02-01-09-30-00_my_task.ipynb": Owner("bray", "bray", 20260201093000),
    },
    "brightspace": {
        "271-442 - Ann-Marie Lee - Dec 5, 2024 1149 AM/task.ipynb": Owner(
            "Ann-Marie Lee", "Brightspace 271", 202412051149
        ),
        "272-442 - Bob Ray - Sep 24, 2024 926 PM - task.ipynb": Owner("Bob Ray", "Brightspace 272", 202409242126),
        "273-442 - 23304308 Day - 05 March 2026 1205 AM/task.ipynb": Owner("Day", "23304308", 202603050005),
    },
    "folders": {"ann/task.ipynb": Owner("ann"), "bob.zip/task.ipynb": Owner("bob"), "cy.ipynb": Owner("cy")},
    "flat": {
        "ann.ipynb": Owner("ann"),
        "bob.ipynb": Owner("bob"),
        "bob (1).ipynb": Owner("bob", attempt=1),
        "bob-Copy2.ipynb": Owner("bob", attempt=2),
    },
}


@pytest.mark.parametrize("layout", CLASSES)
def test_each_layout_is_recognized_and_read(layout: str) -> None:
    found = attribute(places(*CLASSES[layout]))
    assert (found.layout, found.fit) == (layout, len(CLASSES[layout]))
    assert [(o.name, o.id, o.attempt, o.late) for (o,) in found.owners] == [
        (o.name, o.id, o.attempt, o.late) for o in CLASSES[layout].values()
    ]


def test_every_layout_has_its_words() -> None:
    assert [*LAYOUTS] == [*PLATFORMS, "folders", "flat", "single"] == [*CLASSES, "single"]


def test_the_layout_that_is_named_is_taken(tmp_path: Path) -> None:
    sections = ("a/ann.ipynb", "a/bob.ipynb", "b/cy.ipynb")
    assert [owner.name for owner in whose(*sections)] == ["a", "a", "b"]
    assert [owner.name for owner in whose(*sections, layout="flat")] == ["ann", "bob", "cy"]
    assert [owner.name for owner in whose("a/x.ipynb", "b/x.ipynb", layout="flat")] == ["a/x", "b/x"]
    files = ("leeann_1_2_x.ipynb", "bob_3_4_x.ipynb")
    assert [owner.name for owner in whose(*files, layout="folders")] == ["leeann_1_2_x", "bob_3_4_x"]
    with pytest.raises(UsageError, match="--layout kanvas: there is canvas, moodle, "):
        whose(*files, layout="kanvas")
    laid(tmp_path / "in", *files, "Late by mail/x.ipynb")
    said: list[str] = []
    collect([tmp_path / "in"], tmp_path / "out", say=said.append)
    collect([tmp_path / "in"], tmp_path / "out", layout="moodle", say=said.append)
    assert said == [
        "Taken as a Canvas download; 1 of 3 are named otherwise (--layout overrules it)",
        "Taken as a Moodle download; 3 of 3 are named otherwise",
    ]


def test_the_command_says_what_it_took_them_as(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    laid(tmp_path, "leeann_1_2_x.ipynb", "bob_3_4_x.ipynb")
    call = ["grade", str(tmp_path), "--out", str(tmp_path / "out"), "--execute", "none", "--no-figures"]
    assert main([*call, "--layout", "flat"]) == 0
    assert "Taken as one file for each student\n" in capsys.readouterr().err
    assert {grading.student for grading in load(tmp_path / "out").gradings} == {"leeann_1_2_x", "bob_3_4_x"}
    assert main([*call, "--quiet"]) == 0
    assert "Taken" not in capsys.readouterr().err
    assert main([*call, "--layout", "kanvas"]) == 2
    assert "--layout kanvas: there is canvas, moodle, " in capsys.readouterr().err


@pytest.mark.parametrize("form", ["folder", "zip"])
def test_a_flat_folder_says_what_it_passed_over(tmp_path: Path, form: str) -> None:
    names = ["ann.ipynb", "bob.pdf", "cy.ipynb.txt", "dan.ipynb", "eve/answer.py", "feedback/x", ".hidden", "out/x"]
    laid(tmp_path / "in", *(name for name in names if form == "folder" or not name.startswith("out")))
    given = tmp_path / "in"
    if form == "zip":
        given = Path(shutil.make_archive(str(tmp_path / "in"), "zip", tmp_path / "in"))
    said: list[str] = []
    collect([given], tmp_path / "in/out", say=said.append)
    assert said == [
        "Taken as one file for each student (--layout overrules it)",
        "Passed over, as neither notebooks nor dropout.py: bob.pdf, cy.ipynb.txt, eve/",
    ]


# --- what a platform says ---


def test_texts_links_and_late_files_of_canvas_have_their_lines(tmp_path: Path) -> None:
    laid(
        tmp_path / "in",
        *(
            "leeann_11_901_x.ipynb",
            "raybob_LATE_12_902_x-1.ipynb",
            "diazcarla_LATE_13_link.html",
            "poedan_14_text.html",
        ),
        *("poedan_14_text.html", "anon_x7Yz1_905_x.ipynb", "LATE_anon_Ab3de_906_x.ipynb", "anon_Qw4rt_text.html"),
    )
    items = collect([tmp_path / "in"], tmp_path / "out")
    assert [(item.student, item.student_id, item.late, item.problem) for item in items] == [
        ("anon_Ab3de", "", True, ""),
        ("anon_x7Yz1", "", False, ""),
        ("leeann", "Canvas 11", False, ""),
        ("raybob", "Canvas 12", True, ""),
        ("anon_Qw4rt", "", False, "a text was typed into Canvas, and no file"),
        ("diazcarla", "Canvas 13", True, "a link was handed in, and no file"),
        ("poedan", "Canvas 14", False, "a text was typed into Canvas, and no file"),
    ]


def test_late_is_kept_and_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("leeann_11_901_x.ipynb", "raybob_LATE_12_902_x.ipynb"):
        shutil.copy(TASK, laid(tmp_path / "in") / name)
    out = tmp_path / "out"
    assert main(["grade", str(tmp_path / "in"), "--out", str(out), "--execute", "none"]) == 0
    assert {g.student: (g.student_id, g.late) for g in load(out).gradings} == {
        "leeann": ("Canvas 11", False),
        "raybob": ("Canvas 12", True),
    }
    rows = list(csv.DictReader(io.StringIO((out / "results.csv").read_text(encoding="utf-8"))))
    assert [(row["student_id"], row["late"]) for row in rows] == [("Canvas 11", "False"), ("Canvas 12", "True")]
    page = (out / "index.html").read_text(encoding="utf-8")
    assert page.count(">late</th>") == page.count(">late</td>") == 1
    assert main(["export", str(out), "--format", "jsonl"]) == 0
    assert '"late": true' in capsys.readouterr().out


# --- several files of one student ---


@pytest.mark.parametrize(
    ("solved", "untouched"),
    [
        ("ann/my_solution.ipynb", "ann/task.ipynb"),
        ("ann.ipynb", "ann (1).ipynb"),
        ("ann.ipynb", "ann-Copy1.ipynb"),
        ("a_1_2_x.ipynb", "a_1_3_x-1.ipynb"),
    ],
)
def test_a_changed_answer_counts_before_an_untouched_one(tmp_path: Path, solved: str, untouched: str) -> None:
    for number, (name, source) in enumerate([(solved, SUBMISSIONS / "02_sqrt.ipynb"), (untouched, TASK)]):
        path = laid(tmp_path / "in", name, "bob.ipynb") / name
        path.write_bytes(source.read_bytes())
        os.utime(path, (number, number))
    counted = grade_class(tmp_path / "in", tmp_path / "out", Settings(execute="none"), figures=False).counted
    (ann,) = (grading for grading in counted if grading.student != "bob")
    assert (ann.grade.passed, ann.attempt) == (True, 2)
    assert Path(untouched).name in ann.grade.feedback
    assert "holds no changed answer and does not count" in ann.grade.feedback


def test_what_cannot_be_read_is_no_untouched_copy(tmp_path: Path) -> None:
    laid(tmp_path / "in", "ann/1.ipynb", "ann/2.ipynb", "ann/3.ipynb")
    known = {"1.ipynb": True, "2.ipynb": False, "3.ipynb": None}
    for number, name in enumerate(known):
        os.utime(tmp_path / "in/ann" / name, (number, number))
    items = collect([tmp_path / "in"], tmp_path / "out", changed=lambda path: known[path.name])
    assert [(item.path.name, item.attempt, item.note) for item in items] == [
        ("1.ipynb", 2, ""),
        ("2.ipynb", 1, ""),
        ("3.ipynb", 3, ""),
    ]


def test_all_who_handed_in_together_get_the_mark(tmp_path: Path) -> None:
    laid(tmp_path / "in", "submission_200/x.ipynb", "submission_201/x.ipynb")
    (tmp_path / "in/submission_metadata.yml").write_text(LISTED, encoding="utf-8")
    for number, source in ((200, SUBMISSIONS / "02_sqrt.ipynb"), (201, TASK)):
        shutil.copy(source, tmp_path / f"in/submission_{number}/x.ipynb")
    out = tmp_path / "out"
    for _ in range(2):  # what is graded already is not graded again
        report = grade_class(tmp_path / "in", out, Settings(execute="none"), figures=False)
        assert {g.student: (g.student_id, g.grade.passed) for g in report.counted} == {
            "Pair One": ("0200", True),
            "Pair Two": ("two@x.edu", True),
            'O\'Brien "Bob" Señor': ("203", False),
        }
        assert len(report.gradings) == 3
    one, two = (next(g for g in report.counted if g.student == name) for name in ("Pair One", "Pair Two"))
    assert one.grade == replace(two.grade, submission=one.grade.submission), "one verdict, with one seed"


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        (["a.ipynb", "old/b.ipynb"], ""),
        (["a_1_2_x.ipynb", "b_3_4_x.ipynb"], ""),
        (["hw.pdf"], "there is no notebook and no dropout.py among: hw.pdf"),
        *(
            ([name], f"there is no notebook and no dropout.py among: {name}; {advice}")
            for name, advice in (
                ("hw.ipynb.txt", "let its name end in .ipynb, if it is a notebook"),
                ("hw.ipynb_", "let its name end in .ipynb, if it is a notebook"),
                ("hw.json", "let its name end in .ipynb, if it is a notebook"),
                ("Dropout.py.txt", "let it be called dropout.py, if it is the answer"),
                ("my_solution.py", "let it be called dropout.py, if it is the answer"),
            )
        ),
        (
            ["a.pdf", "b.json"],
            "there is no notebook and no dropout.py among: a.pdf, b.json; "
            "let the name of b.json end in .ipynb, if it is a notebook",
        ),
        ([], "there is no notebook and no dropout.py: the folder is empty"),
    ],
)
def test_all_can_be_one_students_whatever_it_is(tmp_path: Path, names: list[str], problem: str) -> None:
    items = collect([laid(tmp_path / "ann", *names)], tmp_path / "out", layout="single")
    assert {(item.student, item.problem) for item in items} == {("ann", problem)}
    assert [item.last for item in items].count(True) == 1
    with pytest.raises(UsageError, match="no submission"):
        collect([tmp_path / "nowhere"], tmp_path / "out", layout="single")


def test_names_are_compared_in_one_form_of_unicode() -> None:
    one, two = (unicodedata.normalize(form, "Jürgen Müller") for form in ("NFC", "NFD"))
    assert one != two
    assert {owner.name for owner in whose(f"{one}/1.ipynb", f"{two}/2.ipynb")} == {one}
    found = attribute(places(f"x/{two}/2.ipynb", f"y/{one}/1.ipynb"), student_from=f"(?P<student>{one})")
    assert {owner.name for (owner,) in found.owners} == {one}


def test_what_was_handed_out_names_nobody() -> None:
    """Saved from mails to one folder, it is another student's each time."""
    names = [f"variance_dropout_task{again}.ipynb" for again in ("", " (1)", " (2)")]
    assert len({owner.name for owner in whose(*names)}) == 3


ODD = st.sampled_from(
    [
        "ann",
        "submitted",
        "submission_1",
        "a_1_assignsubmission_file_",
        "a_1_2_x.ipynb",
        "a.zip",
        "x (1).ipynb",
        "_",
        " ",
    ]
) | st.text(st.characters(exclude_characters="/\0"), min_size=1, max_size=12)


@settings(deadline=None)
@given(
    st.lists(st.lists(ODD, min_size=1, max_size=5).map(tuple), min_size=1, max_size=8),
    st.sampled_from([None, *LAYOUTS]),
)
def test_no_path_is_too_hostile(paths: list[tuple[str, ...]], layout: str | None) -> None:
    found = attribute([Place(path) for path in paths], layout)
    assert len(found.owners) == len(paths)
    assert all(owner.name.isprintable() for owners in found.owners for owner in owners)


@settings(deadline=None)
@given(st.lists(ODD, min_size=1, max_size=5), st.sampled_from([None, *CLASSES]))
def test_nothing_in_a_students_archive_gives_anybody_elses_name(inside: list[str], layout: str | None) -> None:
    for name, (hers, own, *_) in CLASSES.items():
        folder, _, file = own.rpartition("/")
        archive = (
            folder if folder.endswith(".zip") else f"{folder}/hw.zip" if folder else file.replace(".ipynb", ".zip")
        )
        if layout in (None, name):
            honest = whose(hers, f"{archive}/x.ipynb", layout=layout)
            forged = attribute([*places(hers), Place((*archive.split("/"), *inside))], layout).owners
            assert [owner.name for (owner,) in forged] == [owner.name for owner in honest]


def test_a_name_that_an_archive_makes_up_keeps_nobody_waiting() -> None:
    before = time.process_time()
    for name in (
        "a_1_1_" * 10_000,
        "x_assignsubmission_" * 3000,
        "_attempt_2026-01-31-12-00-00_" * 2000,
        "1-1 - a" * 9000,
    ):
        whose("ann/x.ipynb", f"bob.zip/{name}")
        assert named_by_platform(name) is None
    assert time.process_time() - before < 1.0


# --- Gradescope's list ---

LISTED = """---
submission_200:
  :submitters:
  - :name: Pair One
    :sid: '0200'
    :email: one@x.edu
  - :name: Pair Two
    :email: two@x.edu
  - :name: Pair Two
    :email: two@x.edu
  :created_at: 2024-03-14 10:00:00.000000000 Z
submission_201:
  :created_at: 2024-03-14
  :submitters:
  - :name: "O'Brien \\"Bob\\" Se\\u00f1or"
    :sid: 203
  :history:
  - :id: 1
    :submitters:
    - :name: Somebody Else
submission_202:
  :score: 1
"""


def test_all_who_handed_in_together_are_listed() -> None:
    assert (
        submitters(LISTED.splitlines(keepends=True))
        == submitters(LISTED.replace("\n", "\r\n").splitlines(keepends=True))
        == {
            "submission_200": (Owner("Pair One", "0200"), Owner("Pair Two", "two@x.edu")),
            "submission_201": (Owner('O\'Brien "Bob" Señor', "203"),),
        }
    )


BOMB = "".join(f"    :b{k}: &b{k} {{<<: [*b{k - 1}, *b{k - 1}]}}\n" for k in range(1, 200))


@pytest.mark.parametrize(
    "block",
    [
        "  - :name: !!python/object/apply:os.system [exit 1]\n",
        "  - :name: [a, b]\n",
        f"  - :name: {'[' * 10_000}\n",
        f"  - :b0: &b0 {{x: y}}\n{BOMB}",
        "  - :name: *nobody\n",
        '  - :name: "\\UFFFFFFFF"\n',
        "  - \t:name\n",
        f"  - :name: {'a' * 100_000}\n",
        "  - just text\n",
        "",
    ],
)
def test_a_hostile_list_names_nobody(block: str) -> None:
    text = f"submission_1:\n  :submitters:\n{block}submission_2:\n  :submitters:\n  - :name: Ann\n"
    assert submitters(text.splitlines(keepends=True)) == {"submission_2": (Owner("Ann"),)}


@settings(deadline=None)
@given(st.text())
def test_any_text_is_a_list(text: str) -> None:
    submitters(text.splitlines(keepends=True))
    submitters(f"submission_1:\n  :submitters:\n  - :name: {text}\n".splitlines(keepends=True))


def test_brightspace_tells_namesakes_apart_and_keeps_attempts_together() -> None:
    first, again, other = whose(
        *(f"271-442 - Ann Lee - Dec {day}, 2024 1149 AM/task.ipynb" for day in (5, 6)),
        "272-442 - Ann Lee - Dec 5, 2024 1200 PM/task.ipynb",
    )
    assert first.name == again.name == "Ann Lee (271)"
    assert other.name == "Ann Lee (272)"
    assert first.attempt < again.attempt


def test_who_handed_in_something_else_is_named_however_a_download_is_wrapped(tmp_path: Path) -> None:
    names = ("leeann_1_2_task.ipynb", "obrienpat_3_4_task.ipynb", "smithbob_5_text.html", "evansdee_6_7_hw.pdf")
    flat = laid(tmp_path / "flat", *names)
    laid(tmp_path / "wrapped" / "Assignment 1", *names)
    (tmp_path / "zipped").mkdir()
    shutil.make_archive(str(tmp_path / "zipped" / "submissions"), "zip", flat)
    for where in (flat, tmp_path / "wrapped", tmp_path / "zipped", tmp_path / "zipped" / "submissions.zip"):
        items = collect([where], tmp_path / "out")
        assert sorted(item.student for item in items) == ["evansdee", "leeann", "obrienpat", "smithbob"], where
        assert sum(bool(item.problem) for item in items) == 2


HERS = ("Alice A_101_assignsubmission_file_/hw.ipynb", "alicea_101_1001_hw.ipynb")
HIS = ("Bob B_103_assignsubmission_file_/hw.ipynb", "bobb_103_1003_hw.ipynb")
BATCHES = {  # Alice's work and Bob's, and a place of Mallory's
    "files": ("Alice A.ipynb", "Bob B.ipynb", "Mallory M.zip"),
    "folders": ("Alice A/hw.ipynb", "Bob B/hw.ipynb", "Mallory M"),
    "moodle": (HERS[0], HIS[0], "Mallory M_102_assignsubmission_file_"),
    "canvas": (HERS[1], HIS[1], "mallorym_102_1002_hw.zip"),
}


@pytest.mark.parametrize("layout", [None, "folders", "flat"])
@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize("platform", [0, 1])
def test_platforms_names_in_ones_own_place_are_no_classmates(batch: str, platform: int, layout: str | None) -> None:
    *others, place = BATCHES[batch]
    paths = [*others, *(f"{place}/{them[platform]}" for them in (HERS, HIS))]
    ((alice,), (bob,), *mine) = attribute(places(*paths), layout, notebook="variance_dropout_task").owners
    for owner in (owner for owners in mine for owner in owners):
        assert owner.name not in (alice.name, bob.name)
        assert not owner.id.endswith(("101", "103"))
    hers = {owner.name for owners in mine for owner in owners if owner.name.lower().startswith("mallory")}
    # of a flat batch, each file is a student's of its own
    assert layout == "flat" or any("/" not in name for name in hers), "her own name is not lost behind them"


def test_the_name_that_a_student_gave_a_file_says_nothing_of_whose_it_is() -> None:
    blackboard = "HW1_mallory_attempt_2026-01-01-10-00-00_HW1_alice_attempt_2026-02-01-10-00-00_hw.ipynb"
    (owner,) = whose(blackboard)
    assert (owner.name, owner.attempt) == ("mallory", 20260101100000)
    moodle = "Mallory M_102_assignsubmission_file_Alice A_101_assignsubmission_file_hw-9.ipynb"
    (owner,) = whose(moodle)
    assert (owner.name, owner.id) == ("Mallory M", "Participant 102")


def test_a_link_beside_others_work_is_not_followed(tmp_path: Path) -> None:
    flat = laid(tmp_path / "flat", "alice.ipynb", "bob/hw.ipynb")
    (flat / "mallory.ipynb").symlink_to("alice.ipynb")
    (flat / "trudy.ipynb").symlink_to("bob/hw.ipynb")
    folders = laid(tmp_path / "folders", "alice/hw.ipynb", "bob/hw.ipynb")
    (folders / "alice" / "again.ipynb").symlink_to("hw.ipynb")  # her own
    problems = {item.student: item.problem for item in collect([flat], tmp_path / "out")}
    assert "mallory.ipynb is a link beside others' work" in problems["mallory"]
    assert "trudy.ipynb is a link beside others' work" in problems["trudy"]
    assert not problems["alice"]
    assert not any(item.problem for item in collect([folders], tmp_path / "out"))
    named = collect([flat / "mallory.ipynb", flat / "alice.ipynb"], tmp_path / "out")
    assert not any(item.problem for item in named), "the teacher may name a link"


def test_a_whole_class_is_not_taken_for_one_student_without_a_word(tmp_path: Path) -> None:
    laid(tmp_path / "class", *(f"hw1/{name}.ipynb" for name in "abc"))
    said: list[str] = []
    assert {item.student for item in collect([tmp_path / "class"], tmp_path / "out", say=said.append)} == {"hw1"}
    assert said[1].startswith("hw1 has 3 submissions, and the last of them counts: --layout flat")
    items = collect([tmp_path / "class"], tmp_path / "out", layout="flat")
    assert {item.student for item in items} == {"a", "b", "c"}


def test_what_a_platform_named_is_not_lost_where_several_folders_were_given(tmp_path: Path) -> None:
    one = laid(tmp_path / "one", "leeann_1_2_task.ipynb", "smithbob_5_6_link.html")
    two = laid(tmp_path / "two", "obrienpat_3_4_task.ipynb", "evansdee_7_8_hw.pdf", "notes/read.txt")
    items = {item.student: item.problem for item in collect([one, two], tmp_path / "out")}
    assert sorted(items) == ["evansdee", "leeann", "obrienpat", "smithbob"]
    assert items["smithbob"] == "a link was handed in, and no file"
    assert "hw.pdf" in items["evansdee"]


def test_a_path_that_is_not_there_ends_it_before_anything_is_graded(tmp_path: Path) -> None:
    there = laid(tmp_path / "class", "a.ipynb", "b.ipynb")
    with pytest.raises(UsageError, match=r"there is no .*nosuch: nothing was graded"):
        collect([there, tmp_path / "nosuch"], tmp_path / "out")


def test_two_flat_sections_are_not_taken_for_two_students_without_a_word(tmp_path: Path) -> None:
    sections = [laid(tmp_path / name, *(f"{name}{number}.ipynb" for number in range(6))) for name in ("a", "b")]
    said: list[str] = []
    collect(sections, tmp_path / "out", say=said.append)
    assert said[1] == (
        "a has 6 submissions, and the last of them counts: --layout flat if each file is a student's of its own"
    )
    assert len({item.student for item in collect(sections, tmp_path / "out", layout="flat")}) == 12
