"""Folders of ours are gone in the end, whatever was written into them."""

from __future__ import annotations

import os
import time
from pathlib import Path

from grader.sandbox import scratch
from grader.sandbox.scratch import LOCK, OwnFolder, remove, remove_stale


def locked_folders(top: Path, depth: int) -> None:
    """Folders in one another that their owner may not enter, with a file in each."""
    here = Path.cwd()
    os.chdir(top)
    try:
        for _ in range(depth):
            Path("file").write_text("x")
            os.mkdir("a")  # noqa: PTH102
            os.chdir("a")
        for _ in range(depth):
            os.chdir("..")
            os.chmod("a", 0)  # noqa: PTH101
    finally:
        os.chdir(here)


def test_thousands_of_locked_folders_go(tmp_path: Path) -> None:
    (tmp_path / "it").mkdir()
    outside = tmp_path / "outside"
    outside.write_text("precious")
    (tmp_path / "it/link").symlink_to(tmp_path)
    locked_folders(tmp_path / "it", 3000)
    assert remove(str(tmp_path / "it"), within_s=30)
    assert not (tmp_path / "it").exists()
    assert outside.read_text() == "precious"


def test_what_takes_too_long_keeps_its_lock_and_goes_with_the_next_run(tmp_path: Path) -> None:
    own = OwnFolder(str(tmp_path))
    for number in range(200):
        Path(own.path, f"{number}").mkdir()
    assert not remove(own.path, within_s=0.0)
    assert Path(own.path, LOCK).exists()
    remove_stale(str(tmp_path))
    assert Path(own.path).exists(), "it is held"
    os.close(own._lock)  # as if its owner had been killed
    remove_stale(str(tmp_path))
    assert not Path(own.path).exists()


def test_a_file_in_the_place_of_a_folder_goes_too(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    assert remove(str(tmp_path / "link"))
    assert remove(str(tmp_path / "file"))
    assert not list(tmp_path.iterdir())


def test_removing_ends_in_time(tmp_path: Path) -> None:
    for number in range(3000):
        (tmp_path / f"{number}").touch()
    started = time.monotonic()
    remove(str(tmp_path), within_s=0.01)
    assert time.monotonic() - started < 0.01 + 1
    assert scratch.REMOVING_S <= 2
