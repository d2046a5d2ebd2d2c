"""Temporary files and folders, in the folder that is meant for them."""

import tempfile
from pathlib import Path


def attempt():
    with tempfile.TemporaryDirectory() as folder, tempfile.NamedTemporaryFile(dir=folder) as file:
        file.write(b"x" * 100_000)
        file.flush()
        long = Path(file.name).stat().st_size
    with tempfile.TemporaryFile() as file:
        file.write(b"y")
    return "written" if long == 100_000 and not Path(folder).exists() else ""
