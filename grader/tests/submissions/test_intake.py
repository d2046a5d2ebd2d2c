"""What was handed in is found, named, and belongs to somebody, whatever platform it came from."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import subprocess
import time
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import pytest

from grader.cli import main
from grader.course.gradebook import load
from grader.errors import GRADER_FAILED, OutputError, UsageError
from grader.files import same_file
from grader.report.names import file_names
from grader.submissions import archive
from grader.submissions.collect import Entry, Item, _named, collect
from grader.submissions.find import find
from grader.submissions.gradescope import read_list
from grader.submissions.paths import SHOWN, Found, Place
from grader.submissions.platforms import Owner
from grader.tests.conftest import write
from grader.tests.refresh import TASK


def packed(path: Path, *names: str, content: bytes = b"{}") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name in names:
            out.writestr(name, content)
    return path


def owners(items: list[Item]) -> list[tuple[str, int]]:
    return [(item.student, item.attempt) for item in items]


def test_finding_walks_folders_once_and_skips_the_reports(tmp_path: Path, notebook: dict[str, Any]) -> None:
    for name in ("ann/a.ipynb", "bob/deep/b.ipynb", ".hidden/c.ipynb", "reports/executed/d.ipynb"):
        write(tmp_path / name, notebook)
    (tmp_path / "cy").mkdir()
    (tmp_path / "cy/dropout.py").write_text("")
    (tmp_path / "ann/loop").symlink_to(tmp_path)
    found = [str(path.relative_to(tmp_path)) for path in find(tmp_path, "dropout.py", skip=tmp_path / "reports")]
    assert found == ["ann/a.ipynb", "bob/deep/b.ipynb", "cy/dropout.py"]


@pytest.mark.parametrize(
    ("path", "student"),
    [
        ("ann.ipynb", "ann"),
        ("ann/hw.ipynb", "ann"),
        ("ann/deep/er/hw.ipynb", "ann"),
        ("ann/dropout.py", "ann"),
        ("submitted/ann/ps1/hw.ipynb", "ann"),
        ("course/submitted/ann/ps1/hw.ipynb", "ann"),
        ("Ann Lee_1234_assignsubmission_file_/hw.ipynb", "Ann Lee"),
        ("hw1/Ann Lee_1234_assignsubmission_file/hw.ipynb", "Ann Lee"),
        ("leeann_1234_5678_hw.ipynb", "leeann"),
        ("leeann_LATE_1234_5678_hw_final.ipynb", "leeann"),
        ("canvas/leeann_1234_5678_hw-2.ipynb", "leeann"),
        ("submission_77/hw.ipynb", "submission_77"),
    ],
)
def test_the_path_tells_whose_it_is(tmp_path: Path, path: str, student: str) -> None:
    write(tmp_path / "in" / path, {})
    (item,) = collect([tmp_path / "in"], tmp_path / "out")
    assert (item.student, item.attempt) == (student, 1)
    bulk = packed(tmp_path / "bulk.zip", path)
    (same,) = collect([bulk], tmp_path / "out")
    assert (same.student, same.attempt) == (student, 1)
    assert same.path.read_bytes() == b"{}"


def test_gradescope_names_its_learners_in_a_list(tmp_path: Path) -> None:
    listed = (
        "submission_77:\n  :submitters:\n  - :name: Ann Lee\n    :sid: '1'\n  :created_at: 2026-01-01\n"
        "submission_78:\n  :submitters:\n  - :name: Bob\n"
    )
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as out:
        out.writestr("assignment_1_export/submission_metadata.yml", listed)
        for number in (77, 78, 79):
            out.writestr(f"assignment_1_export/submission_{number}/hw.ipynb", "{}")
    items = collect([tmp_path / "export.zip"], tmp_path / "out")
    assert owners(items) == [("Ann Lee", 1), ("Bob", 1), ("submission_79", 1)]


def test_all_attempts_are_there_and_numbered_in_their_order(tmp_path: Path) -> None:
    names = ["leeann_1_1_hw-10.ipynb", "leeann_1_1_hw-2.ipynb", "leeann_1_1_hw.ipynb", "bob_2_2_hw.ipynb"]
    found = collect([packed(tmp_path / "canvas.zip", *names)], tmp_path / "out")
    assert {item.name: (item.student, item.attempt) for item in found} == {
        "leeann_1_1_hw": ("leeann", 1),
        "leeann_1_1_hw-2": ("leeann", 2),
        "leeann_1_1_hw-10": ("leeann", 3),
        "bob_2_2_hw": ("bob", 1),
    }
    for name, at in (("b", 100), ("a", 200), ("c", 100)):
        os.utime(write(tmp_path / f"in/ann/{name}.ipynb", {}), (at, at))
    by_time = collect([tmp_path / "in"], tmp_path / "out")
    assert [(item.path.name, item.attempt) for item in by_time] == [("a.ipynb", 3), ("b.ipynb", 1), ("c.ipynb", 2)]


def test_another_layout_is_told_by_a_pattern(tmp_path: Path) -> None:
    for name in ("group-1/2026-ann-try3.ipynb", "group-1/2026-ann-try1.ipynb", "odd/one.ipynb"):
        write(tmp_path / name, {})
    items = collect([tmp_path], tmp_path / "out", r"\d{4}-(?P<student>\w+)-try(?P<attempt>\d)")
    assert {item.path.name: (item.student, item.attempt) for item in items} == {
        "2026-ann-try1.ipynb": ("ann", 1),
        "2026-ann-try3.ipynb": ("ann", 2),
        "one.ipynb": ("odd", 1),
    }
    for wrong, says in (("(", "unterminated"), ("(.*)", "no group")):
        with pytest.raises(UsageError, match=rf"student-from: .*{says}.*an example"):
            collect([tmp_path], tmp_path / "out", wrong)


def test_the_last_attempt_counts_and_all_are_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in (1, 2):
        path = write(tmp_path / f"in/ann/{number}.ipynb", {})
        path.write_bytes(TASK.read_bytes() if number == 1 else b"{")
        os.utime(path, (number, number))
    out = tmp_path / "out"
    assert main(["grade", str(tmp_path / "in"), "--out", str(out), "--execute", "none", "--no-figures"]) == 0
    assert [(g.student, g.attempt, g.counted, g.grade.diagnosis) for g in load(out).gradings] == [
        ("ann", 1, False, "not attempted"),
        ("ann", 2, True, "bad notebook"),
    ]
    assert "0 of 1 correct · 1 bad notebook" in capsys.readouterr().out


def test_a_second_run_finds_the_same_under_the_same_names(tmp_path: Path) -> None:
    bulk = packed(tmp_path / "bulk.zip", "ann/hw.ipynb", "bob/hw.ipynb", "bob/a.zip")
    first = collect([bulk], tmp_path / "out")
    assert collect([bulk], tmp_path / "out") == first
    packed(bulk, "ann/hw.ipynb", content=b"[]")
    (changed,) = collect([bulk], tmp_path / "out")
    assert changed.path.read_bytes() == b"[]", "files of an older archive of the same name are not graded"


def test_names_fit_into_file_names_and_are_not_shared(tmp_path: Path) -> None:
    deep = tmp_path.joinpath("in", *(f"{'ö' * 90}{n}" for n in range(4)))
    for name in ("x.ipynb", "y.ipynb"):
        write(deep / name, {})
    write(tmp_path / "in" / "a\nb\u202e.ipynb", {})
    names = [item.name for item in collect([tmp_path / "in", tmp_path / "in"], tmp_path / "out")]
    assert len(set(names)) == 6
    assert all(len(name.encode()) <= 210 and name.isprintable() for name in names)
    assert "in__a_b_" in names


def test_an_archive_in_a_folder_of_archives_is_its_learners(tmp_path: Path) -> None:
    for name in ("ann", "bob"):
        packed(tmp_path / "in" / f"{name}.zip", "dropout.py", "test_dropout.py")
    assert owners(collect([tmp_path / "in"], tmp_path / "out")) == [("ann", 1), ("bob", 1)]


def test_nothing_is_written_outside_and_the_good_files_are_kept(tmp_path: Path) -> None:
    bad = tmp_path / "bad.zip"
    with zipfile.ZipFile(bad, "w", zipfile.ZIP_DEFLATED) as out:
        for name in ("../out.ipynb", "/etc/out.ipynb", "a/../../out.ipynb", "C:/out.ipynb", "..\\two.ipynb"):
            out.writestr(name, "{}")
        link = zipfile.ZipInfo("link.ipynb")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        out.writestr(link, "/etc/passwd")
        out.writestr("good.ipynb", "{}")
        out.writestr("bomb.ipynb", b" " * (100 << 20))
    items = collect([bad], tmp_path / "x" / "y" / "out")
    problems = {item.problem.partition(": ")[2] for item in items if item.problem}
    assert len(items) == 8
    assert [item.name for item in items if not item.problem] == ["good"]
    assert any("leads out" in problem for problem in problems)
    assert any("link" in problem for problem in problems)
    assert any("MiB" in problem or "times" in problem for problem in problems)
    written = [path for path in tmp_path.rglob("*") if path.is_file() and path != bad]
    assert [path.name for path in written] == ["good.ipynb"]


def test_an_archive_is_bounded_in_number_and_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"{n}.ipynb" for n in range(20)]
    bulk = packed(tmp_path / "bulk.zip", *names, content=b"x" * 1000)
    monkeypatch.setattr(archive, "TOTAL_BYTES", 5 * (1000 + archive.ENTRY_BYTES) + 500)
    problems = [item.problem for item in collect([bulk], tmp_path / "out")]
    assert [bool(problem) for problem in problems].count(False) == 5
    assert any("together" in problem for problem in problems)
    monkeypatch.setattr(archive, "ENTRIES", 19)
    (whole,) = collect([bulk], tmp_path / "out")
    assert "20 files; at most 19" in whole.problem


# --- several paths ---


def whose(paths: list[Path], out: Path) -> list[str]:
    return [item.student for item in collect(paths, out)]


@pytest.mark.parametrize("name", ["dropout.py", "task.ipynb"])
def test_folders_that_a_shell_lists_are_a_student_each(tmp_path: Path, name: str) -> None:
    for student in ("ann", "bob"):
        write(tmp_path / "in" / student / name, {})
        write(tmp_path / "deep" / student / "hw" / name, {})
    packed(tmp_path / "in" / "cy.zip", "hw/dropout.py")
    assert whose(sorted((tmp_path / "in").iterdir()), tmp_path / "out") == ["ann", "bob", "cy"]
    assert whose(sorted((tmp_path / "in").glob("*/*")), tmp_path / "out") == ["ann", "bob"]
    assert whose(sorted((tmp_path / "deep").iterdir()), tmp_path / "out") == ["ann", "bob"]


def test_folders_above_tell_apart_as_far_as_needed(tmp_path: Path) -> None:
    names = ["a/ann/hw.ipynb", "b/ann/hw.ipynb", "b/bob/hw.ipynb", "b/other.ipynb", "b/other.py"]
    files = [write(tmp_path / name, {}) for name in names]
    assert whose(files, tmp_path / "out") == ["a/ann", "b/ann", "bob", "other.ipynb", "other.py"]
    assert whose([tmp_path / "a", tmp_path / "b/bob"], tmp_path / "out") == ["ann", "bob"]


def test_two_collections_have_no_student_in_common_and_two_downloads_may(tmp_path: Path) -> None:
    for name in ("one/ann/x.ipynb", "one/bob/x.ipynb", "two/ann/x.ipynb", "two/cy/x.ipynb"):
        write(tmp_path / name, {})
    both = [tmp_path / "one", tmp_path / "two"]
    assert whose(both, tmp_path / "out") == ["one/ann", "bob", "two/ann", "cy"]
    packed(tmp_path / "one/damaged.zip").write_bytes(b"no zip")
    assert "one/ann" in whose(both, tmp_path / "out"), "an archive beside folders makes them nobody's own"
    for name in ("three", "four"):
        write(tmp_path / name / "Ann Lee_11_assignsubmission_file_/x.ipynb", {})
    assert whose([tmp_path / "three", tmp_path / "four"], tmp_path / "out") == ["Ann Lee", "Ann Lee"]


# --- nobody hands in for somebody else ---


FORGED = [
    "leeann_333_903_hw-9.ipynb",
    "leeann_333_903_dropout.py",
    "leeann_11_assignsubmission_file_/hw.ipynb",
    "submitted/leeann/ps1/hw.ipynb",
    "submission_1/hw.ipynb",
]


@pytest.mark.parametrize("forged", FORGED)
@pytest.mark.parametrize(
    ("own", "hers"),
    [
        ("mallory_222_902_hw.zip", "leeann_111_901_hw.ipynb"),
        ("mallory_12_assignsubmission_file_/hw.zip", "leeann_11_assignsubmission_file_/hw.ipynb"),
        ("submitted/mallory/ps1/hw.zip", "submitted/leeann/ps1/hw.ipynb"),
        ("mallory.zip", "leeann/hw.ipynb"),
    ],
)
def test_what_a_students_archive_holds_is_the_students(tmp_path: Path, own: str, hers: str, forged: str) -> None:
    write(tmp_path / "in" / hers, {})
    packed(tmp_path / "in" / own, forged)
    found = collect([tmp_path / "in"], tmp_path / "out")
    assert sorted(owners(found)) == [("leeann", 1), ("mallory", 1)]
    several = [path for path in (tmp_path / "in").iterdir() if path.name != "submitted"]
    assert not several or sorted(owners(collect(several, tmp_path / "out"))) == [("leeann", 1), ("mallory", 1)]


def test_only_the_list_of_the_export_names_its_learners(tmp_path: Path) -> None:
    listed = "submission_1:\n  :submitters:\n  - :name: Ann\nsubmission_2:\n  :submitters:\n  - :name: Mallory\n"
    for number in (1, 2):
        write(tmp_path / f"in/submission_{number}/hw.ipynb", {})
    (tmp_path / "in/submission_metadata.yml").write_text(listed)
    (tmp_path / "in/submission_2/submission_metadata.yml").write_text(listed.replace("Mallory", "Ann"))
    assert whose([tmp_path / "in"], tmp_path / "out") == ["Ann", "Mallory"]


def test_a_download_beside_other_things_gives_nobody_elses_name(tmp_path: Path) -> None:
    for name in ("hw1/Ann_1_assignsubmission_file_/x.ipynb", "hw1/Bob_2_assignsubmission_file_/x.ipynb", "Ann/x.ipynb"):
        write(tmp_path / "in" / name, {})
    # hw1 may be a student, who made a folder look like a download: nobody's work gets lost behind such names
    assert whose([tmp_path / "in"], tmp_path / "out") == ["Ann", "hw1", "hw1/Ann", "hw1", "hw1/Bob"]


@pytest.mark.parametrize(
    ("one", "two", "students"),
    [
        ("Ann Lee_11_assignsubmission_file_/x.ipynb", "Ann Lee_12_assignsubmission_file_/x.ipynb", "11 12"),
        ("leeann_11_901_x.ipynb", "leeann_12_902_x.ipynb", "11 12"),
        ("leeann_11_901_x.ipynb", "leeann_11_902_x-1.ipynb", ""),
    ],
)
def test_two_students_of_one_name_are_two(tmp_path: Path, one: str, two: str, students: str) -> None:
    for name in (one, two):
        write(tmp_path / "in" / name, {})
    name = one.partition("_")[0]
    expected = [f"{name} ({number})" for number in students.split()] or [name, name]
    assert whose([tmp_path / "in"], tmp_path / "out") == expected


@pytest.mark.parametrize(
    "names",
    [
        ["Ann Lee_11_assignsubmission_file_", "Ann Lee_12_assignsubmission_file_", "Ann Lee (11)_13_assignsubmission_"],
        ["leeann_111_901_hw.ipynb", "leeann_LATE_112_902_hw.ipynb", "leeann (111)_113_904_hw.ipynb"],
        ["Ann_1_assignsubmission_file_", "Ann_1_assignsubmission_file__2_assignsubmission_file_"],
    ],
)
def test_a_name_that_looks_like_a_platforms_is_nobody_elses(tmp_path: Path, names: list[str]) -> None:
    for name in names:
        write(tmp_path / "in" / name / "x.ipynb" if "assign" in name else tmp_path / "in" / name, {})
    assert len(set(whose([tmp_path / "in"], tmp_path / "out"))) == len(names)


def test_a_pattern_lets_no_deeper_folder_speak(tmp_path: Path) -> None:
    for name in ("group-1/ann/hw.ipynb", "group-10/mallory/group-1/ann/hw.ipynb", "a/x.ipynb", "b/x.ipynb"):
        write(tmp_path / "in" / name, {})
    for pattern in (
        r"group-\d/(?P<student>[^/]+)/",
        r"(group-\d/(?P<student>[^/]+)/)?",
        r"(group-\d/(?P<student>[^/]*))?",
    ):
        items = collect([tmp_path / "in"], tmp_path / "out", pattern)
        assert [item.student for item in items] == ["a", "b", "ann", "group-10"]


def test_names_that_look_alike_are_two_students(tmp_path: Path) -> None:
    for name in ("a\u200eb", "a\u200fb"):
        write(tmp_path / "in" / name / "hw.ipynb", {})
    one, two = whose([tmp_path / "in"], tmp_path / "out")
    assert one != two
    assert one.startswith("a_b (") and two.startswith("a_b (")


def test_scripts_are_found_under_the_names_that_platforms_give_them(tmp_path: Path) -> None:
    names = ["ann_1_2_dropout.py", "bob_LATE_3_4_dropout-1.py", "Cy D_5_assignsubmission_file_dropout.py"]
    for name in (*names, "ann_1_3_test_dropout.py", "other.py"):
        write(tmp_path / "in" / name, {})
    assert whose([tmp_path / "in"], tmp_path / "out") == ["Cy D", "ann", "bob"]


def test_links_lead_to_nobody_elses_work(tmp_path: Path) -> None:
    write(tmp_path / "in/ann/dropout.py", {})
    write(tmp_path / "in/dee/real/dropout.txt", {})
    for student, target in {"bob": "../ann/dropout.py", "cy": "/proc/kmsg", "dee": "real/dropout.txt"}.items():
        (tmp_path / "in" / student).mkdir(exist_ok=True)
        (tmp_path / "in" / student / "dropout.py").symlink_to(target)
    write(tmp_path / "in/eve/hw.ipynb", {})
    (tmp_path / "in/eve/dropout.py").symlink_to("/etc/passwd")
    says = "dropout.py is a link that leads out of the folder that was handed in"
    items = collect([tmp_path / "in"], tmp_path / "out")
    assert [item.problem for item in items] == ["", says, says, "", says]
    (named,) = collect([tmp_path / "in/bob/dropout.py"], tmp_path / "out")
    assert not named.problem, "the teacher named it"
    (folder,) = collect([tmp_path / "in/eve"], tmp_path / "out")
    assert folder.problem == says, "named was the folder, not what it holds"


# --- nothing ends the batch ---


@pytest.mark.parametrize("name", ["dropout.py", "hw.ipynb", "hw.zip", "data"])
def test_a_link_whose_target_has_too_long_a_name_is_one_line(tmp_path: Path, name: str) -> None:
    for student in ("ann", "bob"):
        write(tmp_path / "in" / student / "x.ipynb", {})
    (tmp_path / "in/bob" / name).symlink_to("a" * 300)
    ann, *bob = collect([tmp_path / "in"], tmp_path / "out")
    assert not ann.problem
    assert all("leads nowhere" in item.problem for item in bob if item.path.name != "x.ipynb")


def test_a_damaged_directory_of_an_archive_is_its_students(tmp_path: Path) -> None:
    write(tmp_path / "in/ann/hw.ipynb", {})
    accents = packed(tmp_path / "in/accents.zip", "dropout.py", "éé.md")
    accents.write_bytes(accents.read_bytes().replace("éé".encode(), b"\xff\xfe\xff\xfe"))
    raw = bytearray(packed(tmp_path / "in/future.zip", "dropout.py").read_bytes())
    raw[raw.find(b"PK\1\2") + 6] = 99  # the version that is needed
    (tmp_path / "in/future.zip").write_bytes(raw)
    items = {item.student: item.problem for item in collect([tmp_path / "in"], tmp_path / "out")}
    assert not items.pop("ann")
    assert list(items) == ["accents", "future"]
    assert all("the archive is damaged" in problem for problem in items.values())


def test_one_long_or_odd_name_in_an_archive_costs_one_entry(tmp_path: Path) -> None:
    bulk = packed(
        tmp_path / "bulk.zip", "ann/hw.ipynb", "bob/hw.ipynb", f"bob/{'一' * 120}.ipynb", "cy/\x1b[31m/../x.py"
    )
    items = collect([bulk], tmp_path / "out")
    assert [(item.student, item.attempt, item.last) for item in items if not item.problem] == [
        ("ann", 1, True),
        ("bob", 2, True),
    ]
    long, odd = sorted((item.problem for item in items if item.problem), key=len, reverse=True)
    assert "cannot be unpacked: File name too long" in long
    assert odd.isprintable() and "leads out" in odd


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EMFILE, errno.EFBIG])
def test_a_full_disk_is_nobodys_damaged_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def full(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(archive, "_copy", full)
    with pytest.raises(OutputError, match=os.strerror(number)):
        collect([packed(tmp_path / "bulk.zip", "hw.ipynb")], tmp_path / "out")


def test_where_nothing_can_be_unpacked_no_student_is_to_blame(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("ann", "bob"):
        packed(tmp_path / f"in/{name}.zip", "hw.ipynb")
    unpacked = collect([tmp_path / "in"], tmp_path / "out")[0].path.parent.parent
    for folder in list(unpacked.iterdir()):  # a file stands where an archive's folder was
        shutil.rmtree(folder)
        folder.write_text("")
    with pytest.raises(OutputError, match=r"ann-.* cannot be written"):
        collect([tmp_path / "in"], tmp_path / "out")
    shutil.rmtree(unpacked)
    unpacked.write_text("")
    arguments = ["grade", str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--execute", "none", "--no-figures"]
    assert main(arguments) == GRADER_FAILED
    assert f"{unpacked} cannot be written: File exists" in capsys.readouterr().err


def test_archives_in_an_archive_spend_its_allowance(tmp_path: Path) -> None:
    inner = packed(tmp_path / "inner.zip", *(f"{n}.ipynb" for n in range(16)), content=b" " * (900 << 10))
    with zipfile.ZipFile(tmp_path / "outer.zip", "w", zipfile.ZIP_DEFLATED) as out:
        for number in range(8):
            out.writestr(f"{number}.zip", inner.read_bytes() + bytes(number))
    items = collect([tmp_path / "outer.zip"], tmp_path / "out")
    written = sum(path.stat().st_size for path in tmp_path.glob("out/**/*") if path.is_file())
    allowed = max(archive.FREE_BYTES, archive.RATIO * (tmp_path / "outer.zip").stat().st_size)
    assert 0 < written <= allowed < 8 * 16 * 900 << 10
    assert any("too large together" in item.problem for item in items)


def test_of_too_many_attempts_the_last_are_graded(tmp_path: Path) -> None:
    names = [f"{n:03}/dropout.py" for n in range(300)]
    packed(tmp_path / "in/mallory.zip", *names)
    write(tmp_path / "in/ann/dropout.py", {})
    try:
        items = collect([tmp_path / "in"], tmp_path / "out")
    finally:
        subprocess.run(["rm", "-r", str(tmp_path / "in")], check=True)  # shutil.rmtree goes by recursion
    own = [item for item in items if item.student == "mallory"]
    assert [item.attempt for item in own] == list(range(1, 52))
    assert "300 submissions are mallory's" in own[0].problem
    assert not any(item.problem for item in own[1:])
    assert own[-1].last and own[-1].name == "mallory__299__dropout"


@pytest.mark.parametrize("form", ["zip", "folder"])
def test_what_lies_too_deep_is_its_students_alone(tmp_path: Path, form: str) -> None:
    write(tmp_path / "in/ann/hw.ipynb", {})
    names = ["a/" * depth + "hw.ipynb" for depth in (40, 300, 600, 900, 1200)]
    if form == "zip":
        packed(tmp_path / "in/mallory.zip", *names)
    else:
        here = Path.cwd()
        for part in (str(tmp_path / "in"), "mallory", *["a"] * 1200):  # step by step: no path is long
            Path(part).mkdir(exist_ok=True)
            os.chdir(part)
        write(Path("hw.ipynb"), {})
        os.chdir(here)
    try:
        items = collect([tmp_path / "in"], tmp_path / "out")
    finally:
        subprocess.run(["rm", "-r", str(tmp_path / "in")], check=True)  # shutil.rmtree goes by recursion
    own = [item for item in items if item.student == "mallory"]
    assert [(item.student, item.problem) for item in items if item not in own] == [("ann", "")]
    (deep,) = (item.problem for item in own if item.problem)
    assert "50 folders deep" in deep
    assert len(deep) < 400
    assert [item.problem for item in own if item.path.name == "hw.ipynb"] == [""] * (form == "zip")


def test_thousands_of_submissions_are_named_in_no_time(tmp_path: Path) -> None:
    entries = [Entry(Found(tmp_path, Place((name,))), Owner("ann")) for name in ("x.ipynb", "x-7.ipynb")]
    before = time.process_time()
    names = [item.name for item in _named([entry for entry in entries for _ in range(3000)], tmp_path)]
    assert time.process_time() - before < 1.0
    assert len(set(names)) == 6000
    assert names[:3] == ["x", "x-2", "x-3"]


def test_archives_in_an_archive_share_its_number_of_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "ENTRIES", 50)
    inner = packed(tmp_path / "inner.zip", *(f"{n}.ipynb" for n in range(20)))
    with zipfile.ZipFile(tmp_path / "outer.zip", "w") as out:
        for number in range(4):
            out.writestr(f"{number}.zip", inner.read_bytes())
    items = collect([tmp_path / "outer.zip"], tmp_path / "out")
    assert [item.student for item in items if not item.problem] == ["0"] * 20 + ["1"] * 20
    assert ["20 files; at most 50" in item.problem for item in items if item.problem] == [True, True]


def test_empty_files_spend_the_allowance_too(tmp_path: Path) -> None:
    inner = packed(tmp_path / "inner.zip", *(f"{n}.ipynb" for n in range(1500)), content=b"")
    with zipfile.ZipFile(tmp_path / "outer.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as out:
        for number in range(8):
            out.writestr(f"{number}.zip", inner.read_bytes())
    collect([tmp_path / "outer.zip"], tmp_path / "out")
    allowed = max(archive.FREE_BYTES, archive.RATIO * (tmp_path / "outer.zip").stat().st_size)
    written = sum(path.is_file() for path in tmp_path.glob("out/**/*"))
    assert 0 < written <= allowed // archive.ENTRY_BYTES


# --- nobody is lost ---


WRONG = {
    "bob/hw.ipynb.txt": "among: hw.ipynb.txt",
    "cy.smith/hw.pdf": "there is no notebook and no dropout.py among: hw.pdf",
    "dan/hw.rar": "among: hw.rar",
    "eve/solution.py": "among: solution.py",
    "fay/": "the folder is empty",
    "gus_1_2_hw.pdf": "among: gus_1_2_hw.pdf",
    "Hal_3_assignsubmission_file_/hw.pdf": "among: hw.pdf",
}
STRAY = ["README.md", "notes.txt", "2026_01_02_Grades.csv", ".hid/a.pdf", "__MACOSX/a.pdf", "feedback/ann.html"]
STUDENTS = ["Hal", "bob", "cy.smith", "dan", "eve", "fay", "gus"]


def laid(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if name.endswith("/"):
            (folder / name).mkdir(exist_ok=True)
        else:
            (folder / name).write_text("{}")


@pytest.mark.parametrize("form", ["folder", "zip"])
@pytest.mark.parametrize("around", ["", "class/hw1/"])
def test_who_handed_in_something_else_is_not_lost(tmp_path: Path, form: str, around: str) -> None:
    names = [around + name for name in ["ann/hw.ipynb", "zoe/dropout.py", *WRONG, *STRAY]]
    laid(tmp_path / "in", *names)
    (tmp_path / "in/out").mkdir()
    (tmp_path / "in/out/gradebook.sqlite").write_text("")
    given = packed(tmp_path / "in.zip", *names) if form == "zip" else tmp_path / "in"
    good, lost = [], {}
    for item in collect([given], tmp_path / "in/out"):
        if item.problem:
            assert item.last and item.attempt == 1
            lost[item.student] = item.problem
        else:
            good.append(item.student)
    assert good == ["ann", "zoe"]
    assert sorted(lost) == STUDENTS
    for name, says in WRONG.items():
        student = name.split("/")[0].split("_")[0]
        assert says in lost[student]


def test_who_has_a_submission_elsewhere_misses_none(tmp_path: Path) -> None:
    moodle = "Ann_1_assignsubmission_"
    laid(
        tmp_path / "in", f"{moodle}file_/hw.ipynb", f"{moodle}onlinetext_/onlinetext.html", "Ann_2_assignsubmission_x/"
    )
    assert whose([tmp_path / "in"], tmp_path / "out") == ["Ann (1)", "Ann (2)"]
    laid(tmp_path / "own", "hw.ipynb", "data/x.csv", "figures/")
    assert whose([tmp_path / "own"], tmp_path / "out") == ["hw"]


def test_of_several_paths_none_is_lost_and_without_any_submission_it_is_said(tmp_path: Path) -> None:
    laid(tmp_path / "in", "ann/hw.ipynb", "ann/data/x.csv", "bob/hw.pdf", "cy/")
    items = collect(sorted((tmp_path / "in").iterdir()), tmp_path / "out")
    assert [(item.student, bool(item.problem)) for item in items] == [("ann", False), ("bob", True), ("cy", True)]
    for given in ([tmp_path / "in/bob"], [tmp_path / "in/bob", tmp_path / "in/cy"]):
        with pytest.raises(UsageError, match="no submission"):
            collect(given, tmp_path / "out")


def test_odd_names_in_an_archive_miss_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    odd = ["/etc/a.pdf", "../a.pdf", "..\\a.pdf", "//a.pdf", f"{'b' * 400}/a.pdf"]
    bulk = packed(tmp_path / "bulk.zip", "ann/hw.ipynb", *odd)
    ann, long = whose([bulk], tmp_path / "out")
    assert ann == "ann"
    assert long.replace("…", "b", 1) == "b" * (SHOWN + 1), "a name that fills the screen is cut in its middle"
    monkeypatch.setattr(archive, "ENTRIES", 3)
    assert whose([bulk], tmp_path / "out") == ["bulk"]


def test_a_linked_folder_is_said_to_be_one(tmp_path: Path) -> None:
    laid(tmp_path, "in/ann/hw.ipynb", "real/hal/hw.ipynb")
    (tmp_path / "in/hal").symlink_to("../real/hal")
    _, hal = collect([tmp_path / "in"], tmp_path / "out")
    assert (hal.student, hal.problem) == ("hal", "hal is a link to a folder, and not followed")


def test_names_are_found_in_any_case(tmp_path: Path) -> None:
    laid(tmp_path / "in", "ann/HW.IPYNB", "bob/Dropout.py", "cy_1_2_Dropout.py", "dan/dropout.py", "dan/HW.IPYNB")
    items = collect([tmp_path / "in"], tmp_path / "out")
    assert [(item.student, item.problem) for item in items] == [(s, "") for s in ("cy", "ann", "bob", "dan", "dan")]
    assert whose([tmp_path / "in/ann/HW.IPYNB"], tmp_path / "out") == ["HW"]


# --- folders around the class ---


@pytest.mark.parametrize("around", ["hw1", "course/hw1"])
def test_folders_around_all_are_nobodys(tmp_path: Path, around: str) -> None:
    names = [f"{around}/{name}" for name in ("ann/hw.ipynb", "ann/old/hw.ipynb", "bob/deep/hw.ipynb", "cy/dropout.py")]
    laid(tmp_path / "in", *names, f"{around}/cy/hw.ipynb")
    packed(tmp_path / "in" / around / "dan.zip", "dropout.py")
    assert whose([tmp_path / "in"], tmp_path / "out") == ["dan", "ann", "ann", "bob", "cy"]
    assert whose([packed(tmp_path / "bulk.zip", *names)], tmp_path / "out") == ["ann", "ann", "bob", "cy"]


def test_one_students_folder_stays_one(tmp_path: Path) -> None:
    laid(tmp_path / "in", "ann/1.ipynb", "ann/2.ipynb")
    assert whose([tmp_path / "in"], tmp_path / "out") == ["ann", "ann"]
    laid(tmp_path / "in", "ann/old/1.ipynb")
    assert set(whose([tmp_path / "in"], tmp_path / "out")) == {"ann"}
    packed(tmp_path / "zip/ann.zip", "a/1.ipynb", "b/1.ipynb")
    assert whose([tmp_path / "zip"], tmp_path / "out") == ["ann", "ann"]


def test_names_that_some_file_systems_take_for_one_are_two(tmp_path: Path) -> None:
    names = ("Ann.ipynb", "ann.ipynb", "u\u0308", "\xfc")
    entries = [Entry(Found(tmp_path, Place((name,))), Owner(name)) for name in names]
    found = [item.name for item in _named(entries, tmp_path)]
    assert len({same_file(name) for name in found}) == 4
    files = file_names(["Ann", "ann", "u\u0308", "\xfc", "bob"])
    assert len({same_file(name) for name in files.values()}) == 5
    assert files["bob"] == "bob"


def test_a_list_of_who_handed_in_what_is_read_line_by_line(tmp_path: Path) -> None:
    listed = b"submission_1:\n  :submitters:\n  - :name: Ann\n" + b"  :results: " + b"x" * (20 << 20) + b"\n"
    (tmp_path / "list.yml").write_bytes(listed + b"submission_2:\n  :submitters:\n  - :name: Bob\n")
    tracemalloc.start()
    try:
        found = read_list(tmp_path / "list.yml")
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert {name: owners[0].name for name, owners in found.items()} == {"submission_1": "Ann", "submission_2": "Bob"}
    assert most < 5 << 20
