"""What was handed in is found, and named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from grader.intake import find
from grader.tests.conftest import write


def test_finding_walks_folders_once_and_skips_the_reports(tmp_path: Path, notebook: dict[str, Any]) -> None:
    for name in ("ann/a.ipynb", "bob/deep/b.ipynb", ".hidden/c.ipynb", "reports/executed/d.ipynb"):
        write(tmp_path / name, notebook)
    (tmp_path / "cy").mkdir()
    (tmp_path / "cy/dropout.py").write_text("")
    (tmp_path / "ann/loop").symlink_to(tmp_path)
    found = [str(path.relative_to(tmp_path)) for path in find(tmp_path, skip=tmp_path / "reports")]
    assert found == ["ann/a.ipynb", "bob/deep/b.ipynb", "cy/dropout.py"]
