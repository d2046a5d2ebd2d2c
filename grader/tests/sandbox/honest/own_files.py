"""Its own files: in its folder, at home and in /tmp; numpy's files too, read again through memory maps."""

import os
from pathlib import Path

import numpy as np


def attempt():
    for folder in (Path.cwd(), Path.home(), Path(os.environ["TMPDIR"]), Path("/tmp")):
        (folder / "own é.txt").write_text("κόσμε", encoding="utf-8")
        (folder / "own é.txt").rename(folder / "own2.txt")
        assert (folder / "own2.txt").read_text(encoding="utf-8") == "κόσμε"
        (folder / "own2.txt").unlink()
    np.save("numbers.npy", np.arange(1_000_000))
    return "kept" if np.load("numbers.npy", mmap_mode="r")[-1] == 999_999 else ""
