"""An archive costs what its account allows, whatever it claims: in bytes, in files, in seconds, in memory."""

from __future__ import annotations

import time
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import pytest

from grader.sandbox.account import Account
from grader.submissions import archive
from grader.submissions.collect import collect
from grader.tests.support.archives import entry, swollen, written


@pytest.mark.parametrize(("method", "number"), [("bzip2", 12), ("LZMA", 14)])
def test_methods_that_are_unpacked_without_a_bound_are_named_and_not_read(
    tmp_path: Path, method: str, number: int
) -> None:
    local, listed = entry(number, swollen(method), 50 << 20)
    bomb = written(tmp_path / "bomb.zip", local, listed, 1)
    tracemalloc.start()
    try:
        (item,) = collect([bomb], tmp_path / "out")
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert f"packed by {method}" in item.problem
    assert most < 20 << 20


def test_a_body_that_thousands_of_entries_share_is_read_once(tmp_path: Path) -> None:
    data = zlib.compress(b" " * (66 << 20), 9)[2:-4]
    data += bytes(340_000 - len(data))  # so large that 64 MiB of it were unpacked for each
    local, listed = entry(8, data, 66 << 20, name=b"x.ipynb")
    shared = written(tmp_path / "shared.zip", local, listed * 3000, 3000)
    started = time.process_time()
    items = collect([shared], tmp_path / "out")
    assert time.process_time() - started < 10
    assert all(item.problem for item in items)


def test_entries_that_overlap_are_read_once(tmp_path: Path) -> None:
    names = [f"{number}.ipynb".encode() for number in range(3)]
    body, directory = b"", b""
    for name in names:
        local, listed = entry(0, b"{}" * 50, 100, offset=len(body) // 2, name=name)
        body, directory = body + local, directory + listed
    problems = archive.unpack(written(tmp_path / "o.zip", body, directory, 3), tmp_path / "out", account(tmp_path))
    assert sum("same bytes" in reason for reason in problems.problems.values()) == 2


@pytest.mark.parametrize("name", ["müller/x.ipynb".encode(), b"m\x81ller/x.ipynb"])
def test_names_in_utf_8_are_read_so_where_the_archive_does_not_say_it_and_names_of_ms_dos_too(
    tmp_path: Path, name: bytes
) -> None:
    local, listed = entry(0, b"{}", 2, name=name)
    unpacked = archive.unpack(written(tmp_path / "o.zip", local, listed, 1), tmp_path / "out", account(tmp_path))
    assert [path.name for path in unpacked.folder.iterdir()] == ["müller"]
    assert archive.listed(tmp_path / "o.zip") == [["müller", "x.ipynb"]]


def account(path: Path) -> Account:
    return archive.account_of(path)


def test_bytes_that_come_to_nothing_are_charged(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bombs.zip", "w", zipfile.ZIP_DEFLATED) as out:
        for number in range(30):
            out.writestr(f"{number}.ipynb", bytes(1200 << 10))  # each is more than 200 times its packed size
    left = archive.account_of(tmp_path / "bombs.zip")
    unpacked = archive.unpack(tmp_path / "bombs.zip", tmp_path / "out", left)
    assert left.dry
    assert any("together" in reason for reason in unpacked.problems.values())


def test_an_upload_has_a_deadline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(tmp_path / "slow.zip", "w", zipfile.ZIP_DEFLATED) as out:
        for number in range(20):
            out.writestr(f"{number}.ipynb", b"{}")
    monkeypatch.setattr(archive, "UNPACKING_S", 0.0)
    monkeypatch.setattr(archive, "PACE", 1 << 40)
    problems = [item.problem for item in collect([tmp_path / "slow.zip"], tmp_path / "out")]
    assert all("takes too long" in problem for problem in problems)


def test_a_directory_without_end_is_not_read(tmp_path: Path) -> None:
    local, listed = entry(0, b"{}", 2)
    many = written(tmp_path / "many.zip", local, listed * 250_000, 0xFFFF)
    tracemalloc.start()
    try:
        (item,) = collect([many], tmp_path / "out")
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert "50,000" in item.problem
    assert most < 60 << 20


def test_one_students_bomb_in_a_class_leaves_the_others_their_part(tmp_path: Path) -> None:
    honest, bomb = tmp_path / "honest.zip", tmp_path / "bomb.zip"
    with zipfile.ZipFile(honest, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("hw.ipynb", b"{}" * 1000)
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as out:
        for number in range(500):
            out.writestr(f"{number}.ipynb", bytes(900 << 10))
    with zipfile.ZipFile(tmp_path / "class.zip", "w", zipfile.ZIP_STORED) as out:
        for student, path in (("ann", bomb), ("bob", honest)):
            out.writestr(f"{student}/hw.zip", path.read_bytes())
    with zipfile.ZipFile(tmp_path / "class.zip", "a") as out:
        out.writestr("cleo/notes.md", b"#" * (2 << 20))
    items = collect([tmp_path / "class.zip"], tmp_path / "out")
    assert [item.problem for item in items if item.student == "bob"] == [""]
    hers = sum(path.stat().st_size for path in tmp_path.glob("out/**/[0-9]*.ipynb"))
    assert 0 < hers <= archive.RATIO * bomb.stat().st_size < 500 * 900 << 10
