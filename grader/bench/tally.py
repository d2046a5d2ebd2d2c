"""Many gradings of one layer, and of many layers on all cores."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context

from grader.api import Grader
from grader.bench.corpus import Layer
from grader.bench.deviations import DEVIATIONS, SURE
from grader.bench.in_process import InProcessBox
from grader.settings import Settings


@dataclass(frozen=True)
class Tally:
    """What many gradings of one layer gave."""

    layer: Layer
    gradings: int
    passed: int
    named: tuple[tuple[str, int], ...]


def tally(layer: Layer, gradings: int, first_seed: int) -> Tally:
    """Grade one layer many times, each time with another seed, as far as the verdict asks for."""
    passed, named = 0, Counter[str]()
    with InProcessBox() as box:
        grader = Grader(Settings(execute="none", evidence="enough"), box)
        for seed in range(first_seed, first_seed + gradings):
            grader.settings = replace(grader.settings, seed=seed)
            grade = grader.grade_source(layer.source)
            passed += grade.passed
            named[f"status {grade.status}" if layer.expected.startswith("status") else grade.diagnosis] += 1
    return Tally(layer, gradings, passed, tuple(named.most_common()))


def tallies(layers: Iterable[Layer], total: int, jobs: int, seed: int) -> list[Tally]:
    """About ``total`` gradings of right layers and as many of wrong ones, evenly; 200 of each hard one."""
    layers = [layer for layer in layers if not layer.expected.startswith("status")]
    rights = sum(layer.right for layer in layers)
    wrongs = sum(not layer.right and not layer.hard for layer in layers)
    each = {True: -(-total // max(1, rights)), False: -(-total // max(1, wrongs))}
    counts = [min(200, total) if layer.hard else each[layer.right] for layer in layers]
    return in_parallel(layers, counts, jobs, seed)


def in_parallel(layers: Sequence[Layer], counts: Sequence[int], jobs: int, seed: int) -> list[Tally]:
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        waiting = [
            pool.submit(tally, layer, count, seed + 100_000 * number)
            for number, (layer, count) in enumerate(zip(layers, counts, strict=True))
        ]
        return [future.result() for future in waiting]


def smallest(gradings: int, jobs: int, seed: int) -> dict[str, tuple[float, ...]]:
    """For each kind of deviation the smallest size that is found in ``SURE`` of so many gradings, NaN if none is, and
    how often each size was found."""
    layers = [Layer(f"{kind} {size:g}", source(size), "") for kind, source, sizes in DEVIATIONS for size in sizes]
    found = iter(in_parallel(layers, [gradings] * len(layers), jobs, seed))
    table = {}
    for kind, _, sizes in DEVIATIONS:
        shares = [1 - next(found).passed / gradings for _ in sizes]
        sure = [size for k, size in enumerate(sizes) if min(shares[k:]) >= SURE]
        table[kind] = (sure[0] if sure else math.nan, *shares)
    return table
