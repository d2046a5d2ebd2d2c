"""The corpus: right layers in many styles, wrong ones of every kind, every one-token mutation of the reference.

Judged in this process (they are our own code), each with a seed of its own that does not change from run to run.
"""

from __future__ import annotations

import warnings
import zlib
from collections.abc import Iterator
from dataclasses import replace

import pytest

from grader import Grade, Grader, Settings
from grader.bench.corpus import Layer, solutions
from grader.bench.in_process import InProcessBox
from grader.exercises.dropout import known
from grader.exercises.dropout.mistakes import BY_NAME
from grader.result import Status
from grader.tests.support.mutations import mutations

pytestmark = pytest.mark.corpus

LAYERS = solutions()

# Mutations that the contract does not see.
EQUIVALENT = {
    "line 22: assignment dropped": "x = np.asarray(x): what is judged are arrays",
    "line 22: call dropped": "the same",
    "line 26: Lt → LtE": "a uniform number equals q with probability zero",
    "line 29: float64 → float32": "integers are not judged",
    "line 30: False → True": "a copy more",
}


@pytest.fixture(scope="module")
def judge() -> Iterator[Grader]:
    with InProcessBox() as box, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield Grader(Settings(execute="none"), box)


def graded(judge: Grader, name: str, source: str) -> Grade:
    judge.settings = replace(judge.settings, seed=zlib.crc32(name.encode()))
    return judge.grade_source(source)


def test_the_corpus_is_large_enough() -> None:
    right = [layer for layer in LAYERS if layer.right]
    assert len(right) >= 40
    assert len(LAYERS) - len(right) >= 80
    judged = [layer for layer in LAYERS if not (layer.hard or layer.expected.startswith("status"))]
    assert set().union(*(layer.names for layer in judged)) <= set(BY_NAME)


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_a_layer_of_the_corpus_gets_its_verdict(judge: Grader, layer: Layer) -> None:
    if layer.expected.startswith("status "):  # these end or hang their process
        with Grader(Settings(execute="none", timeout_s=3.0)) as grader:
            assert f"status {grader.grade_source(layer.source).status}" == layer.expected
        return
    grade = graded(judge, layer.name, layer.source)
    assert grade.status is not Status.GRADER_ERROR, grade.feedback
    if layer.hard:
        return  # how often it is caught is measured, not asserted
    assert grade.passed is layer.right, grade.feedback
    assert grade.diagnosis in layer.names


MUTANTS = list(mutations(known.REFERENCE))


def test_there_are_enough_mutations() -> None:
    assert len(MUTANTS) >= 80
    assert set(EQUIVALENT) <= {what for what, _ in MUTANTS}


@pytest.mark.parametrize(("what", "source"), MUTANTS, ids=[f"{k} {what}" for k, (what, _) in enumerate(MUTANTS)])
def test_a_one_token_mutation_fails_unless_it_changes_nothing(judge: Grader, what: str, source: str) -> None:
    grade = graded(judge, what, source)
    assert grade.status is not Status.GRADER_ERROR, grade.feedback
    assert grade.passed is (what in EQUIVALENT), grade.feedback
