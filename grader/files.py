"""Files that are there whole or not at all, and those that travel with the package."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from grader.errors import OutputError

_PACKAGE = Path(__file__).parent


def packaged(name: str) -> Path:
    """A file of the repository that travels into the wheel as package data."""
    inside = _PACKAGE / "data" / Path(name).name
    return inside if inside.exists() else _PACKAGE.parent / name


def same_file(name: str) -> str:
    """Names that some file system takes for one have this in common."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def own_folder(whole: Path, *names: str) -> Path:
    """A folder in ``whole``, made where there is none. Raises ``OutputError`` if it is a link that leads out of it."""
    path = whole.joinpath(*names)
    path.mkdir(parents=True, exist_ok=True)
    if not path.resolve().is_relative_to(whole.resolve()):
        raise OutputError(f"{path} is a link that leads out of {whole}: remove it; nothing was written there")
    return path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A file to write to, which takes the place of the old one when it is complete."""
    scratch = path.with_name(f".{secrets.token_hex(8)}.part")  # another grader may write the same file
    try:
        yield scratch
        scratch.replace(path)
    except OSError as error:
        if error.filename in (scratch, str(scratch)):  # nobody knows that name
            error.filename = str(path)
        raise
    finally:
        scratch.unlink(missing_ok=True)


def write(path: Path, content: str | bytes) -> None:
    """Halves of characters, which no file's text can hold, become question marks."""
    with replacing(path) as scratch:
        scratch.write_bytes(content.encode("utf-8", "replace") if isinstance(content, str) else content)
