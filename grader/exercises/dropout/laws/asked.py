"""The exercise's questions, asked of a layer of another law: each layer is made with a θ of its own."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from grader.exercises.dropout.laws.record import Law
from grader.exercises.dropout.plan import CLASS, Stage

LEFT_OUT = 0.125  # of the layers are made without the argument: its default is a part of the contract


def asked(stages: Iterator[Stage], law: Law, class_name: str, seed: int) -> Iterator[Stage]:
    """The same stages for ``class_name``, with θ drawn for every layer: in public stages the same ones for everybody,
    in the others from ``seed``, and independent of everything else that is drawn from it."""
    public, hidden = random.Random(0), random.Random(f"θ {seed}")
    thetas: dict[int, float | None] = {}
    for stage in stages:
        dice = public if stage.public else hidden
        operations = []
        for operation in stage.operations:
            if operation[0] == "new":
                operation = _made(operation, law, class_name, dice, thetas)
            operations.append(operation)
        calls = tuple(call._replace(theta=thetas[call.layer]) for call in stage.calls)
        yield replace(stage, operations=tuple(operations), calls=calls)


def _made(
    operation: list[Any], law: Law, class_name: str, dice: random.Random, thetas: dict[int, float | None]
) -> list[Any]:
    verb, key, name, arguments, named = operation
    if not law.argument:
        thetas[key] = None
    elif dice.random() < LEFT_OUT:
        thetas[key] = law.default
    else:
        thetas[key] = law.theta(dice)
        named = {**named, law.argument: thetas[key]}
    return [verb, key, class_name if name == CLASS else name, arguments, named]
