"""The rows of the table by name; each work is measured in turns with what it is compared with."""

from __future__ import annotations

from collections.abc import Callable

from grader.bench import batches, clusters, earlier, single, training
from grader.bench.row import Row, Sizes

ROWS: dict[str, Callable[[Sizes], list[Row]]] = {
    "verdict": single.verdict,
    "earlier": earlier.verdicts,
    "floor": earlier.floor,
    "small": single.small_notebook,
    "lesson": single.lesson_notebook,
    "class": batches.a_class,
    "cold": single.cold,
    "cores": batches.two_cores,
    "growth": batches.growth,
    "report": batches.opening,
    "rewards": training.rewards,
    "episode": training.episode,
    "cluster": clusters.a_cluster,
    "million": clusters.a_million,
}
BY_NAME = {**ROWS, "disk": batches.from_disk}  # all that there are: the last takes longer than the others together
