"""What was handed in: from paths to the submissions of a batch, each with its student and attempt. Runs nothing.

Nothing that lies in a folder ends the batch: of what cannot be read, or is not to be read, the ``Item`` says why.
"""

# ruff: noqa: PTH100, PTH110, PTH114 (pathlib follows links, or raises where a name is too long)

from __future__ import annotations

import hashlib
import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from grader.errors import UsageError
from grader.exercises.interface import Handout, load
from grader.files import same_file
from grader.sandbox.scratch import remove_stale
from grader.settings import Settings
from grader.submissions.find import all_below
from grader.submissions.gradescope import read_list
from grader.submissions.layouts import LAYOUTS, Attribution, attribute
from grader.submissions.missing import all_missing, in_short, passed_over
from grader.submissions.notebook import printable
from grader.submissions.paths import Found, Parts, Place, is_zip, short, stem, without_zip
from grader.submissions.platforms import Owner

NAME_BYTES = 200  # file systems take 255, and endings come on top
ATTEMPTS = 50  # of one student that are graded: an archive of 300 would keep the class waiting
CROWD = 5  # submissions that are more than one student hands in


@dataclass(frozen=True)
class Item:
    """One submission of a batch: where it is, what it is called, whose it is, where its executed notebook goes.

    ``name`` is unique in the batch and names files; ``attempt`` counts a student's submissions from 1, and ``last`` is
    the one that counts. ``student_id`` is the platform's or the school's number of the student, where there is one.
    ``problem`` says why there is nothing to read, where that is known already; ``note`` is for the student. ``same_as``
    is the same submission as another student's: they handed in together, and get one verdict.
    """

    path: Path
    name: str
    student: str = ""
    attempt: int = 1
    executed: Path | None = None
    problem: str = ""
    last: bool = False
    student_id: str = ""
    late: bool = False
    note: str = ""
    same_as: Item | None = None


def collect(
    paths: Iterable[Path],
    out: Path,
    student_from: str | None = None,
    layout: str | None = None,
    say: Callable[[str], object] = lambda line: None,
    changed: Callable[[Path], bool | None] = lambda path: None,
    handout: Handout | None = None,
) -> list[Item]:
    """Every submission below the paths with a name of its own, in the order of the paths.

    All attempts of a student are in it, up to ``ATTEMPTS``: they count by the number in a file's name, then by time,
    then by name; where something is ``changed`` (None: it cannot be read), it counts before what is not. ``layout`` is
    one of ``LAYOUTS``, None to see from the paths which it is; ``say`` is told which. ``student_from``: a regular
    expression with a group ``student``, and ``attempt`` if wanted, searched for in the path. ``handout``: under which
    names the task went out.

    Raises ``UsageError`` if an option is none of that, or if there is no submission at all: but what is a ``single``
    student's has an item in any case, if only one that says so.
    """
    given, names = list(paths), handout or load(Settings().exercise).handout
    lists: dict[Parts, Path] = {}
    remove_stale(str(out / "unpacked"))
    for path in given if layout != "single" else ():
        if not os.path.lexists(path):
            raise UsageError(f"there is no {path}: nothing was graded")
    found = sorted(all_below(given, out, lists, names.script), key=lambda one: one.place.missing)
    single = Path(os.path.abspath(given[0])).name if given else ""
    if layout == "single" and not found and os.path.exists(given[0]):
        found = [all_missing(given[0], Place((single,), whole=True), names.script)]
    elif not any(os.path.exists(one.path) and not one.place.missing for one in found):
        named = ", ".join(map(str, given))
        raise UsageError(f"there is no submission in {named}: give notebooks, {names.script} files or folders of them")
    places = [one.place for one in found]
    notebook = names.notebook.stem
    whose = attribute(places, layout, student_from, lambda folder: read_list(lists.get(folder)), stem(single), notebook)
    if len(found) > 1:
        say(_taken(whose) + ("" if layout else " (--layout overrules it)"))
        if whose.layout == "folders" and (crowded := _crowded(whose)):
            say(f"{crowded}, and the last of them counts: --layout flat if each file is a student's of its own")
        others = passed_over(given[0], found, out) if whose.layout == "flat" and len(given) == 1 else []
        if others:
            say(f"Passed over, as neither notebooks nor {names.script}: {in_short(others)}")
    return _numbered(list(_once(_own(found, whose), whose)), out, changed)


def _taken(whose: Attribution) -> str:
    count = len(whose.owners)
    fit = "" if whose.fit == count else f"; {count - whose.fit} of {count} are named otherwise"
    return f"Taken as {LAYOUTS[whose.layout]}{fit}"


def _crowded(whose: Attribution) -> str:
    """Who has handed in more than students do: what was taken for their folder may be the class's."""
    count = Counter(owner.name for owners in whose.owners for owner in owners)
    most, number = count.most_common(1)[0]
    return f"{most} has {number} submissions" if number >= (CROWD if len(count) > 1 else 2) else ""


@dataclass(frozen=True)
class Entry:
    """Something found, and one of those whose it is."""

    found: Found
    owner: Owner
    shared: bool = False


def _own(found: Sequence[Found], whose: Attribution) -> list[Found]:
    """Links beside others' work, to which they could lead, are not read; what the teacher named may be a link."""
    beside: dict[Parts, set[str]] = defaultdict(set)
    for one, owners in zip(found, whose.owners, strict=True):
        for level in range(len(one.place.parts)):
            beside[one.place.parts[:level]] |= {owner.name for owner in owners}
    own = []
    for one, owners in zip(found, whose.owners, strict=True):
        parts = one.place.parts
        others = beside[parts[:-1]] - {owner.name for owner in owners} if len(parts) > one.place.given else ()
        refused = others and not one.problem and os.path.islink(one.path) and os.path.exists(one.path)
        problem = f"{printable(one.path.name)} is a link beside others' work, and not followed"
        own.append(replace(one, problem=problem) if refused else one)
    return own


def _once(found: Sequence[Found], whose: Attribution) -> Iterator[Entry]:
    """Without places that miss a submission of somebody who has one, or is missed already; such places come last."""
    seen: set[str] = set()
    for one, owners in zip(found, whose.owners, strict=True):
        for owner in owners:
            if not (one.place.missing and owner.name in seen):
                yield Entry(one, owner, shared=len(owners) > 1)
            seen.add(owner.name)


def _numbered(entries: Sequence[Entry], out: Path, changed: Callable[[Path], bool | None]) -> list[Item]:
    items = list(_named(entries, out))
    order = sorted(range(len(items)), key=lambda n: _rank(entries[n]))
    numbered: dict[int, Item] = {}
    for student, group in groupby(order, key=lambda n: entries[n].owner.name):
        by_rank = list(group)
        own = _changed_last(by_rank, items, changed) if len(by_rank) > 1 else by_rank
        numbered |= _attempts(student, own, items)
        if own[-1] != by_rank[-1]:
            other = printable(short(items[by_rank[-1]].path.name))
            note = f"{other}, which was handed in too, holds no changed answer and does not count."
            numbered[own[-1]] = replace(numbered[own[-1]], note=note)
    first: dict[int, Item] = {}  # of those who handed in together
    for n in sorted(numbered):
        leader = first.setdefault(id(entries[n].found), numbered[n])
        if leader is not numbered[n]:
            numbered[n] = replace(numbered[n], same_as=leader)
    return [numbered[n] for n in sorted(numbered)]


def _rank(entry: Entry) -> tuple[str, int, float, str]:
    return entry.owner.name, entry.owner.attempt, _time(entry.found), "/".join(entry.found.place.parts)


def _changed_last(own: list[int], items: Sequence[Item], changed: Callable[[Path], bool | None]) -> list[int]:
    """What was handed in as it went out, or without an answer, does not outrank an answer."""
    recent = own[-ATTEMPTS:]
    known = {n: None if items[n].problem else changed(items[n].path) for n in recent}
    if True not in known.values():
        return own
    return own[:-ATTEMPTS] + sorted(recent, key=lambda n: known[n] is not False)


def _attempts(student: str, own: Sequence[int], items: Sequence[Item]) -> dict[int, Item]:
    """A student's submissions by their places in the batch; of too many the last ones, and one that says so."""
    left_out = own[: -ATTEMPTS or None] if len(own) > ATTEMPTS else ()
    kept = own[len(left_out) - 1 :] if left_out else own
    numbered = {n: replace(items[n], attempt=k, last=n == own[-1]) for k, n in enumerate(kept, 1)}
    if left_out:
        problem = (
            f"{len(own)} submissions are {student}'s by their paths, and only the last {ATTEMPTS} are graded, without "
            f"this one and {len(left_out) - 1} others; if they are several students', --student-from tells them apart"
        )
        numbered[kept[0]] = replace(numbered[kept[0]], problem=problem)
    return numbered


def _named(entries: Iterable[Entry], out: Path) -> Iterator[Item]:
    taken: set[str] = set()
    tried: Counter[str] = Counter()  # numbers behind a name: each is tried once
    for entry in entries:
        *folders, last = entry.found.place.parts
        whole = "__".join([*map(without_zip, folders), stem(last), *([entry.owner.name] if entry.shared else [])])
        shown = printable(whole).replace("/", "_")
        if len(shown.encode()) > NAME_BYTES:
            digest = hashlib.sha256(os.fsencode(whole)).hexdigest()[:8]
            shown = f"{shown.encode()[: NAME_BYTES - 9].decode('utf-8', 'ignore')}-{digest}"
        name = shown
        while same_file(name) in taken:  # the names of files are made of it
            tried[shown] += 1
            name = f"{shown}-{tried[shown] + 1}"
        taken.add(same_file(name))
        found, executed = entry.found, out / "executed" / f"{name}.ipynb"
        item = Item(found.path, name, entry.owner.name, executed=executed, problem=found.problem)
        yield replace(item, student_id=entry.owner.id, late=entry.owner.late)


def _time(found: Found) -> float:
    if is_zip(found.path.name) and found.path.name != found.place.parts[-1]:
        return 0.0  # a file that was not unpacked: it does not outrank those that were
    try:
        return found.path.stat().st_mtime
    except OSError:
        return 0.0
