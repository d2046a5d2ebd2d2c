"""Every kind of broken input that people and platforms have been seen to hand in, each built in a few lines.

``BROKEN`` maps a kind to (how it is made, its status, words that say which part is wrong); ``STRANGE`` holds what is
odd and readable all the same, and gets the verdict that its answer deserves.
"""

from __future__ import annotations

import gzip
import json
import os
import socket
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat

from grader.exercises.dropout import known
from grader.result import Status
from grader.submissions.task import Task, set_up
from grader.tests.refresh import HANDOUT, TASK, sample

Notebook = dict[str, Any]
Make = Callable[[Path], object]

CLASS_CELL = {"cell_type": "code", "metadata": {}, "outputs": [], "source": known.REFERENCE}


def right() -> Notebook:
    """The task notebook with the right answer."""
    return sample(json.loads(TASK.read_text(encoding="utf-8")), known.REFERENCE)


def changed(change: Callable[[Notebook], object]) -> Make:
    def make(path: Path) -> None:
        notebook = right()
        change(notebook)
        path.write_text(json.dumps(notebook), encoding="utf-8")

    return make


def holding(content: bytes) -> Make:
    return lambda path: path.write_bytes(content)


def older(version: int) -> Make:
    def make(path: Path) -> None:
        old = nbformat.convert(nbformat.from_dict(right()), version)
        path.write_text(json.dumps(old), encoding="utf-8")

    return make


def archive(**entries: bytes) -> Make:
    """Underscores in the keys stand for slashes, and every name gets the notebook's ending."""

    def make(path: Path) -> None:
        with zipfile.ZipFile(path.with_suffix(".zip"), "w", zipfile.ZIP_DEFLATED) as out:
            for name, content in entries.items():
                out.writestr(f"{name.replace('_', '/').replace('UP', '..')}.ipynb", content)

    return make


def nested_archive(path: Path) -> None:
    for inner, outer in (("a.ipynb", "b.zip"), ("b.zip", "c.zip"), ("c.zip", "d.zip")):
        content = json.dumps(right()) if inner == "a.ipynb" else path.with_name(inner).read_bytes()
        with zipfile.ZipFile(path.with_name(outer), "w") as out:
            out.writestr(inner, content)
        if inner != "a.ipynb":
            path.with_name(inner).unlink()
    path.with_name("d.zip").rename(path.with_suffix(".zip"))


def encrypted_archive(path: Path) -> None:
    archive(hw=b"{}")(path)
    packed = bytearray(path.with_suffix(".zip").read_bytes())
    packed[packed.find(b"PK\1\2") + 8] |= 1  # the flag in the directory
    packed[6] |= 1
    path.with_suffix(".zip").write_bytes(packed)


def sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(200 << 20)


def listening(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # a socket's whole path may have 107 bytes
    try:
        with socket.socket(socket.AF_UNIX) as own:
            own.bind(path.name)
    finally:
        os.chdir(here)


def script(content: bytes) -> Make:
    def make(path: Path) -> None:
        path.with_suffix("").mkdir()
        path.with_suffix("").joinpath("dropout.py").write_bytes(content)

    return make


def two_answers(path: Path) -> None:
    workspace = path.with_suffix("")
    for form in ("script", "notebook"):
        set_up(workspace, form, Task.load(HANDOUT))
    (workspace / "dropout.py").write_text(f"import numpy as np\n{known.REFERENCE}")
    (workspace / TASK.name).write_text(json.dumps(right()))


def _without_implementation(notebook: Notebook) -> None:
    notebook["cells"] = [cell for cell in notebook["cells"] if "implementation" not in cell["metadata"].get("tags", ())]


def _class_in_prose(notebook: Notebook) -> None:
    _without_implementation(notebook)
    notebook["cells"].append({"cell_type": "markdown", "metadata": {}, "source": known.REFERENCE})


def many_notebooks(path: Path) -> None:
    path.with_suffix("").mkdir()
    for name in ("dropout.py", *(f"{number}.ipynb" for number in range(30))):
        path.with_suffix("").joinpath(name).write_text("{}")


def _of_the_implementation(**new: Any) -> Callable[[Notebook], None]:
    def change(notebook: Notebook) -> None:
        (cell,) = (c for c in notebook["cells"] if "implementation" in c["metadata"].get("tags", ()))
        cell.update(new)

    return change


BAD, NO_CELL = Status.BAD_NOTEBOOK, Status.NO_CELL
BROKEN: dict[str, tuple[Make, Status, str]] = {
    "empty": (holding(b""), BAD, "is empty"),
    "blank": (holding(b" \n\n"), BAD, "is empty"),
    "no JSON": (holding(b"hello"), BAD, "not JSON"),
    "a web page": (holding(b"<!DOCTYPE html><title>Log in</title>"), BAD, "a web page"),
    "truncated": (lambda path: path.write_text(json.dumps(right())[:-2000]), BAD, "cut off"),
    "a web page of an old kind": (holding(b"\n<!-- saved -->\n<HTML><body>404</body></HTML>"), BAD, "a web page"),
    "prose": (holding(b"I could not make it work."), BAD, "not JSON: line 1"),
    "a zip archive": (holding(b"PK\3\4\x14\0" + bytes(100)), BAD, "a zip archive"),
    "a PDF": (holding(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), BAD, "a PDF"),
    "a picture": (holding(b"\x89PNG\r\n\x1a\n" + bytes(20)), BAD, "a picture"),
    "packed": (lambda path: path.write_bytes(gzip.compress(json.dumps(right()).encode())), BAD, "packed by gzip"),
    "a script": (holding(known.REFERENCE.encode()), BAD, "Python source"),
    "a pointer": (holding(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n"), BAD, "Git LFS"),
    "a merge conflict": (
        lambda path: path.write_text(json.dumps(right(), indent=1).replace(' "cells"', '<<<<<<< HEAD\n "cells"')),
        BAD,
        "line 2 holds a mark of a Git merge conflict",
    ),
    "a brace too many": (
        lambda path: path.write_text(json.dumps(right()) + "\n}\n"),
        BAD,
        "follows the end of the notebook, in line 2",
    ),
    "twice": (lambda path: path.write_text(2 * json.dumps(right())), BAD, "something else follows"),
    "lists without end": (holding(b'{"nbformat": 4, "a": [' + b"[]," * 3_000_000 + b"[]]}"), BAD, "at most 2,000,000"),
    "binary": (holding(bytes(range(256))), BAD, "not UTF-8"),
    "NUL bytes": (holding(bytes(1000)), BAD, "nothing but zeros"),
    "Latin-1": (holding(b'{"nbformat": 4, "cells": [], "a": "\xe9"}'), BAD, "not UTF-8 text (byte 35)"),
    "UTF-16": (lambda path: path.write_text(json.dumps(right()), encoding="utf-16"), BAD, "UTF-16 text"),
    "UTF-16 without a mark": (lambda p: p.write_text(json.dumps(right()), encoding="utf-16-be"), BAD, "UTF-16 text"),
    "UTF-32": (lambda path: path.write_text(json.dumps(right()), encoding="utf-32"), BAD, "UTF-32 text"),
    "a list": (holding(b"[1, 2]"), BAD, "holds no object"),
    "a number": (holding(b"4"), BAD, "holds no object"),
    "no format": (holding(b'{"cells": []}'), BAD, "'nbformat' is missing"),
    "format in words": (changed(lambda n: n.update(nbformat="four")), BAD, "'nbformat' is missing"),
    "format 5": (changed(lambda n: n.update(nbformat=5)), BAD, "newer than this grader"),
    "format 3 of nothing": (holding(b'{"nbformat": 3}'), BAD, "format 3 could not be upgraded"),
    "no cells": (holding(b'{"nbformat": 4}'), BAD, "no list of cells"),
    "cells no list": (changed(lambda n: n.update(cells={"a": 1})), BAD, "no list of cells"),
    "a cell that is none": (changed(lambda n: n["cells"].insert(2, 5)), BAD, "cell 3 is not an object"),
    "a source that is none": (changed(lambda n: n["cells"][1].update(source=5)), BAD, "source of cell 2"),
    "a source of numbers": (changed(lambda n: n["cells"][1].update(source=[1, 2])), BAD, "source of cell 2"),
    "deep": (holding(b"[" * 100_000 + b"]" * 100_000), BAD, "nested too deeply"),
    "deep in a notebook": (
        lambda path: path.write_text(json.dumps(right())[:-1] + ', "a": ' + "[" * 100_000 + "]" * 100_000 + "}"),
        BAD,
        "nested too deeply",
    ),
    "a number of 10,000 digits": (holding(b'{"nbformat": ' + b"9" * 10_000 + b"}"), BAD, "digits"),
    "200 MB": (sparse, BAD, "200 MiB; at most 64"),
    "no implementation": (changed(_without_implementation), NO_CELL, "no cell is tagged 'implementation'"),
    "implementation in prose": (changed(_of_the_implementation(cell_type="markdown")), NO_CELL, "is a markdown cell"),
    "implementation raw": (changed(_of_the_implementation(cell_type="raw")), NO_CELL, "is a raw cell"),
    "the class in prose": (
        changed(_class_in_prose),
        NO_CELL,
        "holds the class VarianceStabilizedDropout, but is a markd",
    ),
    "many notebooks": (many_notebooks, BAD, "more than 20 notebooks"),
    "a script in UTF-16": (script("x = 1\n".encode("utf-16")), BAD, "UTF-16 text"),
    "implementation emptied": (changed(_of_the_implementation(source="")), Status.GRADED, "no class Var"),
    "no cell at all": (changed(lambda n: n.update(cells=[])), NO_CELL, "no cell is tagged"),
    "a link to itself": (lambda path: path.symlink_to(path), BAD, "leads nowhere"),
    "a link to nothing": (lambda path: path.symlink_to(path.with_name("gone")), BAD, "leads nowhere"),
    "a link to a device": (lambda path: path.symlink_to("/dev/zero"), BAD, "leads out"),
    "a link to a secret": (lambda path: path.symlink_to("/etc/passwd"), BAD, "leads out of the folder"),
    "a link to a name too long": (lambda path: path.symlink_to("a" * 300), BAD, "leads nowhere"),
    "a pipe": (os.mkfifo, BAD, "not a regular file"),
    "a socket": (listening, BAD, "not a regular file"),
    "a folder": (Path.mkdir, BAD, "no notebook and no dropout.py"),
    "a damaged archive": (lambda path: path.with_suffix(".zip").write_bytes(b"PK\3\4 and so on"), BAD, "damaged"),
    "an empty archive": (archive(), BAD, "no notebook and no dropout.py in the archive"),
    "an archive of an archive of an archive": (nested_archive, BAD, "archive in an archive in an archive"),
    "an encrypted archive": (encrypted_archive, BAD, "without a password"),
    "an archive that leads out": (archive(UP_UP_out=b"{}"), BAD, "leads out"),
    "an archive that swells": (archive(bomb=b" " * (80 << 20)), BAD, "times its packed size"),
    "an archive of nonsense": (archive(hw=b"hello"), BAD, "not JSON"),
    "an empty script": (script(b""), NO_CELL, "dropout.py is empty"),
    "a binary script": (script(bytes(range(256))), BAD, "not UTF-8"),
    "a script in Latin-1": (script("# Übung\n".encode("latin-1")), BAD, "not UTF-8"),
    "a script of NULs": (script(b"x = 1\0"), Status.RAISED, "null bytes"),
    "two answers": (two_answers, BAD, "two answers"),
    "100,000 cells": (
        changed(lambda n: n["cells"].extend({**CLASS_CELL, "source": "", "id": f"c{k}"} for k in range(100_000))),
        BAD,
        "cells; at most 2,000",
    ),
    "an encoding that is none": (script(b"# coding: rot13\nx = 1\n"), BAD, "the encoding rot13, which is none of text"),
    "an encoding of nothing": (script(b"# coding: undefined\nx = 1\n"), BAD, "encoding undefined, which is none"),
    "a long answer": (script(b"#     \n" * 40_000), BAD, "280,000 characters; at most 200,000"),
    "an answer of many words": (script(b"x\n" * 30_000), BAD, "30,000 words and signs; at most 25,000"),
}


def _widgets(notebook: Notebook) -> None:
    state = {"state": {"a" * 32: {"model_name": "LayoutModel", "state": {}}}, "version_major": 2, "version_minor": 0}
    notebook["metadata"]["widgets"] = {"application/vnd.jupyter.widget-state+json": state}


def _other_kernel(notebook: Notebook) -> None:
    notebook["metadata"]["kernelspec"] = {"name": "ir", "display_name": "R", "language": "R"}
    notebook["metadata"]["language_info"] = {"name": "R"}


def _same_ids(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        cell["id"] = "one"


def _check_as_prose(notebook: Notebook) -> None:
    (cell,) = (c for c in notebook["cells"] if "check" in c["metadata"].get("tags", ()))
    cell["cell_type"] = "raw"


def _picture(notebook: Notebook) -> None:
    picture = f"![](data:image/png;base64,{'A' * (9 << 20)})"
    notebook["cells"].insert(0, {"cell_type": "markdown", "metadata": {}, "source": ["Look: ☺\n", picture]})


def old_headings(path: Path) -> None:
    old = nbformat.convert(nbformat.from_dict(right()), 3)
    cells = old["worksheets"][0]["cells"]
    cells.insert(0, {"cell_type": "heading", "level": 2, "metadata": {}, "source": ["Homework", "of mine"]})
    for cell in cells:
        name = "input" if cell["cell_type"] == "code" else "source"
        if isinstance(cell[name], str):
            cell[name] = cell[name].split("\n")
    path.write_text(json.dumps(old))


def _bare(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        cell.pop("metadata"), cell.pop("id", None)
    notebook.pop("metadata")


STRANGE: dict[str, Make] = {
    "byte order mark": lambda path: path.write_bytes(b"\xef\xbb\xbf" + json.dumps(right()).encode()),
    "format 3": older(3),
    "format 2": older(2),
    "format 3 with headings and bare lines": old_headings,
    "the check cell as prose": changed(_check_as_prose),
    "a picture pasted into the text": changed(_picture),
    "format 4.0": changed(lambda n: n.update(nbformat_minor=0)),
    "format 4.99": changed(lambda n: n.update(nbformat_minor=99)),
    "no metadata": changed(_bare),
    "metadata that is none": changed(lambda n: n["cells"][0].update(metadata=[])),
    "tags that are none": changed(lambda n: n["cells"][0].update(metadata={"tags": 5})),
    "cells without source": changed(lambda n: n["cells"].insert(3, {"cell_type": "code", "metadata": {}})),
    "an unknown kind of cell": changed(lambda n: n["cells"].insert(3, {**CLASS_CELL, "cell_type": "query"})),
    "the same id twice": changed(_same_ids),
    "another kernel": changed(_other_kernel),
    "widgets": changed(_widgets),
    "not a number": lambda path: path.write_text(json.dumps({**right(), "a": float("nan"), "b": float("inf")})),
    "half a character": changed(lambda n: n["cells"].append({**CLASS_CELL, "cell_type": "raw", "source": "\ud800"})),
    "a key twice": lambda path: path.write_text('{"nbformat": 3, ' + json.dumps(right())[1:]),
}
