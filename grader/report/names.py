"""What a student's files are called, from the name."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable

from grader.files import same_file

NAME_BYTES = 150


def file_name(student: str) -> str:
    """A student's name as a file's: no folders, no hidden files, and two students never share one."""
    printable = "".join(sign if sign.isprintable() and sign not in "/\\" else "_" for sign in student)
    safe = printable.lstrip(".") or "_"
    short = safe.encode()[:NAME_BYTES].decode("utf-8", "ignore")
    return short if short == student else f"{short}-{_digest(student)}"


def file_names(students: Iterable[str]) -> dict[str, str]:
    """Of all students: some file systems know no case, or take one form of Unicode for another."""
    names = {student: file_name(student) for student in students}
    alike = Counter(same_file(name) for name in names.values())
    return {
        student: name if alike[same_file(name)] == 1 or name != student else f"{name}-{_digest(student)}"
        for student, name in names.items()
    }


def _digest(student: str) -> str:
    return hashlib.sha256(student.encode()).hexdigest()[:8]
