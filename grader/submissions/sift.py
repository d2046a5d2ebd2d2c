"""What of a large notebook is read at all: its bytes without the values of those keys that nobody looks at.

Outputs and metadata may make up nearly all of a file, and each of their values some hundred bytes of memory. So they
are skipped before anything is made of them, in one pass that holds nothing but what it keeps.
"""

from __future__ import annotations

import re

from grader.sandbox.account import Account, in_memory

SIFTED = 1 << 20  # bytes from which on a file is; a smaller one is read as it is, and what is wrong in it is told
LONG = 1 << 20  # bytes of one text: more than any answer's in a single text, as figures are
VALUE_PRICE = 64  # bytes that a value takes in memory: an empty list, and its place in another
COPIES = 3  # of a text: as parsed, as a cell's source, and as it is executed
READ = frozenset(  # of a notebook's objects, in all its formats
    """
    nbformat nbformat_minor worksheets cells cell_type id metadata tags source input code text level language
    """.split()  # noqa: SIM905 (a list of words)
)
_KEPT = frozenset(b'"%s"' % name.encode() for name in READ)
_TEXT = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
LONGEST_KEY = max(map(len, _KEPT))
TO_TEXT = re.compile(rb'[^"]*+(%s)(\s*+:\s*+)?' % _TEXT, re.DOTALL)  # the next text, and whether it is a key
SIMPLE = re.compile(rb'%s|[^\s,:\[\]{}"]++' % _TEXT, re.DOTALL)  # a value without parts
TO_BRACKET = re.compile(rb'[^"\[\]{}]*+(?:%s[^"\[\]{}]*+)*+([\[\]{}])' % _TEXT, re.DOTALL)
PATIENCE = 10_000  # brackets between two looks at the clock


def values(data: bytes, start: int = 0, stop: int | None = None) -> int:
    """How many values there may be: what would begin or separate them."""
    return sum(data.count(sign, start, stop) for sign in (b",", b"[", b"{"))


def sifted(data: bytes, account: Account) -> bytes | bytearray | None:
    """JSON that is read as the whole would be, on the same lines; None where the account runs dry."""
    kept, whole = bytearray(), memoryview(data)
    at = copied = 0
    while found := TO_TEXT.match(data, at):
        at = found.end()
        count = values(data, found.start(), found.start(1))
        if not account.draw(VALUE_PRICE * count, entries=count + 1):
            return None
        start, stop = found.span(1)  # the text itself may be the whole file: it is not copied
        if found.start(2) < 0:
            if stop - start <= LONG:
                if not account.draw(COPIES * in_memory(data[start:stop])):
                    return None
                continue
        elif stop - start <= LONGEST_KEY and data[start:stop] in _KEPT:
            continue
        else:  # a key whose value is left out
            start, at = at, _end_of_value(data, at, account)
        if not account.draw(start - copied):
            return None
        kept += whole[copied:start]
        kept += b'""' + b"\n" * data.count(b"\n", start, at)
        copied = at
    rest = values(data, at)
    if not account.draw(VALUE_PRICE * rest + len(data) - copied, entries=rest):
        return None
    kept += whole[copied:]
    return kept


def _end_of_value(data: bytes, at: int, account: Account) -> int:
    """Where the value ends that begins here; the end of all if it has none, or there is no time to look for it."""
    if simple := SIMPLE.match(data, at):
        return simple.end()
    depth = steps = 0
    while bracket := TO_BRACKET.match(data, at):
        at = bracket.end()
        depth += 1 if bracket[1] in b"[{" else -1
        if depth <= 0:
            return at
        steps += 1
        if steps % PATIENCE == 0 and not account.draw(entries=PATIENCE // 2):  # each is opened and closed
            break
    return len(data)
