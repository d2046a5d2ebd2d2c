"""What a file is that is no notebook, by how it begins: so that its author is told what was handed in."""

from __future__ import annotations

import ast
import codecs
import re

from grader.submissions.source import MAX_SOURCE, parse

SIGNATURES = {
    b"PK\x03\x04": "a zip archive (as documents of Word are)",
    b"PK\x05\x06": "an empty zip archive",
    b"\x1f\x8b": "packed by gzip",
    b"Rar!": "a RAR archive",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"%PDF": "a PDF",
    b"{\\rtf": "a document in RTF",
    b"\xd0\xcf\x11\xe0": "a document of Office",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\x80\x04\x95": "a pickle",
    b"SQLite format 3": "a database",
    b"version https://git-lfs": "a pointer of Git LFS, which stands for a file that was not uploaded",
}
ENCODINGS = {  # the longer ones first: UTF-32 begins as UTF-16 does
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
WITHOUT_MARK = re.compile(rb"[\t\n\r -~]\0[\t\n\r -~]\0|\0[\t\n\r -~]\0[\t\n\r -~]")
PAGE = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<!--.*?-->\s*|<\?xml.*?\?>\s*)*<(?:!doctype|html|head|body)\b", re.S | re.I)
CONFLICT = re.compile(rb"^(?:<{7} |>{7} )", re.M)
BEGINNING = 4096  # bytes


def what_it_is(data: bytes) -> str:
    """A sentence about a file that cannot be read as a notebook; empty where nothing is known of it."""
    start = data[:BEGINNING]
    for signature, kind in SIGNATURES.items():
        if start.startswith(signature):
            return f"this is no notebook but {kind}; hand in the .ipynb file itself"
    if encoding := _encoding(start):
        return f"this is {encoding} text, and not UTF-8 text: save it as UTF-8"
    if start and not start.strip(b"\0"):
        return "the file is not JSON: it begins with nothing but zeros, as after an upload that broke off"
    if PAGE.match(start):
        return "this is no notebook but a web page (HTML); download the .ipynb file itself, and hand that in"
    if conflict := CONFLICT.search(data):
        line = data.count(b"\n", 0, conflict.start()) + 1
        return f"the file is not JSON: line {line} holds a mark of a Git merge conflict; resolve it first"
    return "this is no notebook but Python source; hand it in as a .py file" if _is_python(data) else ""


def _encoding(start: bytes) -> str:
    marked = next((name for mark, name in ENCODINGS.items() if start.startswith(mark)), "")
    return marked or ("UTF-16" if WITHOUT_MARK.match(start) else "")


def _is_python(data: bytes) -> bool:
    tree = parse(data[:MAX_SOURCE].decode("utf-8", "replace"))
    return tree is not None and any(
        isinstance(node, ast.Import | ast.ImportFrom | ast.ClassDef | ast.FunctionDef) for node in tree.body
    )
