"""What was handed in is found, named, and belongs to somebody, whatever platform it came from."""

from __future__ import annotations

import os
import stat
import zipfile
from pathlib import Path
from typing import Any

import pytest

from grader import archive
from grader.cli import main
from grader.errors import UsageError
from grader.gradebook import load
from grader.intake import Item, collect, find
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
    found = [str(path.relative_to(tmp_path)) for path in find(tmp_path, skip=tmp_path / "reports")]
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
    assert "a_b_" in names


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
    monkeypatch.setattr(archive, "TOTAL_BYTES", 5_500)
    problems = [item.problem for item in collect([bulk], tmp_path / "out")]
    assert [bool(problem) for problem in problems].count(False) == 5
    assert any("together" in problem for problem in problems)
    monkeypatch.setattr(archive, "ENTRIES", 19)
    (whole,) = collect([bulk], tmp_path / "out")
    assert "20 files; at most 19" in whole.problem
