"""Whatever is read or answered, nothing is raised, and nothing passes without measurements.

A bounded run by default; ``HYPOTHESIS_PROFILE=long`` for a long one.
"""

from __future__ import annotations

import ast
import json
import os
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.exercises.dropout.checks import Verdict
from grader.exercises.dropout.options import Options
from grader.exercises.dropout.plan import Call, Floats, Stage
from grader.exercises.interface import Code
from grader.result import Outcome
from grader.sandbox import frames as wire
from grader.sandbox.frames import Array, Ended, Raised, Value
from grader.sandbox.inside import worker
from grader.submissions import read as reading
from grader.submissions.magics import without_magics
from grader.submissions.task import Task
from grader.submissions.upload import Upload
from grader.tests.refresh import HANDOUT

for name, examples in (("default", 150), ("long", 20_000)):
    settings.register_profile(
        name,
        max_examples=examples,
        deadline=None,
        derandomize=name == "default",
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
    )
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

TASK = Task.load(HANDOUT)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
sources = st.one_of(
    st.text(max_size=80),
    st.lists(st.text(max_size=20), max_size=4),
    st.sampled_from([TASK.start, "class VarianceStabilizedDropout: pass", "%magic\n!shell", "def (", "x" * 1000]),
    json_values,
)
metadata = st.one_of(
    json_values,
    st.fixed_dictionaries(
        {"tags": st.lists(st.sampled_from(["implementation", "check", "explanation"]) | json_values)}
    ),
)
cells = st.one_of(
    json_values,
    st.fixed_dictionaries({"cell_type": st.sampled_from(["code", "markdown", "raw"]) | json_values, "source": sources}),
    st.fixed_dictionaries({"cell_type": st.just("code"), "source": sources, "metadata": metadata}),
)
notebooks = st.one_of(
    json_values,
    st.fixed_dictionaries({"nbformat": st.integers(0, 6) | json_values, "cells": st.lists(cells) | json_values}),
    st.fixed_dictionaries({"nbformat": st.just(4), "cells": st.lists(cells, max_size=6), "metadata": json_values}),
    st.fixed_dictionaries({"nbformat": st.just(3), "worksheets": st.lists(json_values, max_size=2)}),
)


@given(notebooks)
def test_any_notebook_is_read_or_refused(tmp_path: Path, notebook: Any) -> None:
    path = tmp_path / "x.ipynb"
    path.write_text(json.dumps(notebook), encoding="utf-8", errors="surrogatepass")
    submission = reading.read(Upload.read(path, HANDOUT), TASK)
    assert submission.problem is not None or submission.answer is not None
    if submission.problem is not None:
        assert submission.problem[1]


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(tmp_path: Path, content: bytes) -> None:
    for name in ("x.ipynb", "dropout.py"):
        (tmp_path / name).write_bytes(content)
        reading.read(Upload.read(tmp_path / name, HANDOUT), TASK)


@given(st.text(max_size=200))
def test_blanking_magics_keeps_the_lines(source: str) -> None:
    assert without_magics(source).count("\n") == source.count("\n")


frames = st.lists(
    st.one_of(
        st.tuples(st.integers(0, 6), st.binary(max_size=60)),
        st.tuples(st.just(worker.RAISED), json_values.map(lambda value: json.dumps(value).encode())),
        st.tuples(
            st.just(worker.ARRAY),
            st.builds(
                lambda dtype, shape, data: struct.pack(f"<8sB{len(shape)}Q", dtype, len(shape), *shape) + data,
                st.sampled_from([b"<f8", b"<f4", b"<f2", b"|O", b"<U9", b"<i8", b"|b1", b"<f9", b"\xff"]),
                st.lists(st.integers(0, 2**64 - 1) | st.integers(0, 5), max_size=3),
                st.binary(max_size=64),
            ),
        ),
    ),
    max_size=6,
)


@given(frames, st.binary(max_size=20), st.booleans(), st.integers(0, 6))
def test_any_reply_stream_ends_as_an_answer(parts: list[tuple[int, bytes]], rest: bytes, late: bool, due: int) -> None:
    raw = struct.pack("<BQ", worker.READY, 0) + struct.pack("<BQ", worker.RAN, 0)
    raw += b"".join(struct.pack("<BQ", kind, len(body)) + body for kind, body in parts) + rest
    talk = wire.Conversation(wire.Program("", [["get", 0, "x"]] * due, [], seed=1))
    talk.receive(raw)
    answer = talk.answer(late, b"")
    assert answer.ended is not Ended.DONE or len(answer.replies) == due


def _reply(call: Call | None, arrays: list[Floats], kind: str, number: float) -> Any:
    """A reply that an honest or a dishonest child may give to an operation."""
    if kind == "raised":
        return Raised("ValueError", "x", 3)
    if kind == "outside":
        return Raised("TypeError", "y", 0)
    if kind == "value" or call is None:
        return Value("self" if number > 0 else "False")
    x = call.view.of(arrays)
    data = {
        "same": x,
        "constant": np.full(x.shape, number),
        "scaled": np.asarray(x * number),
        "half": np.asarray(x * (np.arange(x.size).reshape(x.shape) % 2)),
    }.get(kind, np.zeros(x.shape)).astype(x.dtype)
    if kind == "wrong shape":
        return Array("<f8", (*x.shape, 1), None)
    if kind == "wrong dtype":
        return Array("<i8", x.shape, data.reshape(-1).astype("<i8"))
    return Array(x.dtype.str, x.shape, data.reshape(-1))


KINDS = ["same", "constant", "scaled", "half", "zero", "raised", "outside", "value", "wrong shape", "wrong dtype"]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # casts of NaN to integers, made here
@settings(max_examples=40 if os.environ.get("HYPOTHESIS_PROFILE") != "long" else 5_000)
@given(st.lists(st.sampled_from(KINDS), min_size=1, max_size=7), st.floats(width=32))
def test_any_replies_are_judged_and_none_of_these_pass(kinds: list[str], number: float) -> None:
    plan = Verdict(1, Options(inputs=("normal", "shifted")), enough=False)
    replies: list[Any] = []
    arrays: list[Floats] = []
    stage: Stage | None = plan.start
    while stage is not None:
        arrays += stage.arrays
        calls = {call.operation: call for call in stage.calls}
        for k in range(len(stage.operations)):
            replies.append(_reply(calls.get(k), arrays, kinds[k % len(kinds)], number))
        stage = plan.further(replies)
    judgement = plan.judge(Code(ast.parse("1 ** 1")))
    assert judgement.diagnosis != "correct"
    assert judgement.sentence
    assert any(finding.outcome is Outcome.FAILED for finding in judgement.findings)
