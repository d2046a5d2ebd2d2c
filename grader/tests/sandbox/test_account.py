"""What a submission may cost is one account, which readers and writers draw on."""

from __future__ import annotations

import copy
import json
import pickle
import time
from typing import Any

from grader.judging.strict_json import encoded
from grader.sandbox.account import BYTES, ENTRIES, SECONDS, Account, in_memory


def test_running_dry_is_told_and_stays() -> None:
    account = Account(bytes=10, entries=3, seconds=60)
    assert account.draw(6, entries=1)
    assert not account.draw(6)
    assert (account.dry, account.draw(1), account.bytes) == (BYTES, False, 4)
    assert not Account(10, 3, 60).draw(entries=4)
    many = Account(10, 3, 60)
    many.draw(entries=4)
    assert many.dry == ENTRIES


def test_a_part_spends_the_whole_and_runs_dry_alone() -> None:
    whole = Account(bytes=100, entries=10, seconds=60)
    part = whole.part(30)
    assert part.draw(20)
    assert whole.bytes == 80
    assert not part.draw(20)
    assert part.dry == BYTES
    assert whole.draw(80)
    other = Account(100, 10, 60)
    second = other.part(90)
    other.draw(50)
    assert not second.draw(60)
    assert (second.dry, other.dry) == (BYTES, BYTES)


def test_seconds_go_by_while_somebody_works() -> None:
    account = Account(10, 10, seconds=0.05)
    time.sleep(0.1)
    assert account.draw(1)
    with account.clock():
        time.sleep(0.1)
        assert not account.draw(1)
    assert account.dry == SECONDS


def test_an_account_goes_on_in_another_process_with_what_is_left() -> None:
    account = Account(10, 10, seconds=60)
    with account.clock():
        time.sleep(0.01)
        account.draw(4)
        other: Account = pickle.loads(pickle.dumps(account))
    assert (other.bytes, other.dry) == (6, "")
    assert 59 < other.seconds_left < 60


def test_a_text_takes_as_much_as_its_widest_character() -> None:
    for text in ("abc", "é", "€uro", "a😀"):
        for raw in (text.encode(), json.dumps(text).encode()):
            held = json.loads(raw) if raw[:1] == b'"' else text
            assert in_memory(raw) >= len(held) * (4 if max(held) > "\uffff" else 2 if max(held) > "\xff" else 1)


def test_what_is_written_is_json_and_bounded() -> None:
    shared = {"text/plain": "x" * 1000}
    value: dict[str, Any] = {
        "b": [1, 2.5, True, None, [], {}],
        "a": "é\ud800",
        "n": [float("nan"), float("inf")],
        "s": [shared] * 3,
    }
    written = encoded(value, Account(1 << 20, 1, 60))
    assert written is not None
    expected = copy.deepcopy(value) | {"n": [None, None], "a": "é?"}
    assert json.loads(written, parse_constant=lambda name: 1 / 0) == expected
    assert written.decode() == json.dumps(expected, indent=1, sort_keys=True, ensure_ascii=False)
    assert encoded(value, Account(2000, 1, 60)) is None
    endless: list[object] = []
    endless.append(endless)
    assert encoded(endless, Account(1 << 20, 1, 60)) is None
