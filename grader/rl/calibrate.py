"""Is a level worth training on, for this model? Pass rates with intervals over tasks, from rollouts that were rewarded.

Eight rollouts of one task are not eight tasks: the interval is Wilson's (1927) for the number of independent rollouts
that vary as much as these do between tasks (Kish's design effect, 1965), with Student's quantile because that effect is
itself estimated from the tasks (Korn & Graubard, 1998). Pure: rollouts in, numbers out.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

BAND = (0.10, 0.40)  # a pass rate with something to learn from
ENOUGH = 100  # rollouts, below which nothing is said about a level
GROUP = 8  # rollouts that are compared with one another, in training by relative rewards
LEAST_EFFECT = 0.5  # tasks that vary less than coins do are luck, and no reason to claim many more rollouts
IN_BAND, TOO_EASY, TOO_HARD, NOT_ENOUGH = "in the band", "too easy", "too hard", "not enough rollouts"
Task = tuple[str, int, int]  # level, seed, index


@dataclass(frozen=True)
class Rollout:
    """One answer's reward: 1.0, 0.0, or None where the grader itself failed. ``diagnosis``: its mistake's name."""

    model: str
    task: Task
    reward: float | None
    diagnosis: str = ""


@dataclass(frozen=True)
class Calibration:
    """What rollouts say about a level for a model. ``masked`` are those without a reward: they are in no other number.

    ``low``, ``high``: a 95 % interval of ``rate`` over tasks; ``pass_at``: k → the probability that one of k is right;
    ``mixed``: the part of groups of eight that are neither all right nor all wrong, NaN where no task has eight;
    ``mistakes``: how many wrong answers had each diagnosis, the most frequent first.
    """

    model: str
    level: str
    rollouts: int
    masked: int
    tasks: int
    rate: float
    low: float
    high: float
    pass_at: dict[int, float]
    mixed: float
    mistakes: tuple[tuple[str, int], ...]

    @property
    def verdict(self) -> str:
        if self.rollouts < ENOUGH:
            return NOT_ENOUGH
        return TOO_HARD if self.rate < BAND[0] else TOO_EASY if self.rate > BAND[1] else IN_BAND

    @property
    def sure(self) -> bool:
        """Does the whole interval say the same?"""
        edges = (edge for edge in BAND if self.low < edge < self.high)
        return self.rollouts >= ENOUGH and not any(edges)


def calibrate(rollouts: Iterable[Rollout]) -> list[Calibration]:
    """By model and level, in the order in which they first come up."""
    by: dict[tuple[str, str], list[Rollout]] = defaultdict(list)
    for rollout in rollouts:
        by[rollout.model, rollout.task[0]].append(rollout)
    return [_calibration(model, level, group) for (model, level), group in by.items()]


def _calibration(model: str, level: str, rollouts: Sequence[Rollout]) -> Calibration:
    tasks: dict[Task, list[bool]] = defaultdict(list)
    for rollout in rollouts:
        if rollout.reward is not None:
            tasks[rollout.task].append(rollout.reward == 1.0)
    counts = [(sum(right), len(right)) for right in tasks.values()]
    total = sum(n for _, n in counts)
    low, high = interval(counts)
    most = max((n for _, n in counts), default=0)
    mistakes = Counter(rollout.diagnosis for rollout in rollouts if rollout.reward == 0.0 and rollout.diagnosis)
    return Calibration(
        model,
        level,
        rollouts=total,
        masked=len(rollouts) - total,
        tasks=len(counts),
        rate=sum(c for c, _ in counts) / total if total else math.nan,
        low=low,
        high=high,
        pass_at={k: pass_at(k, counts) for k in (1, 2, 4, 8, 16, 32, 64) if k <= most},
        mixed=mixed(counts),
        mistakes=tuple(mistakes.most_common()),
    )


# --- of a level's tasks, each as (how many were right, of how many) ------------------------------------------------


def interval(counts: Sequence[tuple[int, int]]) -> tuple[float, float]:
    """A 95 % interval of the pass rate over tasks; (0, 1) where a single task cannot tell how tasks differ."""
    if len(counts) < 2:
        return 0.0, 1.0
    total = sum(n for _, n in counts)
    rate = sum(c for c, _ in counts) / total
    return wilson(rate, total / design_effect(counts), student(len(counts) - 1))


def design_effect(counts: Sequence[tuple[int, int]]) -> float:
    """How many times more the mean varies than that of as many independent rollouts (Kish, 1965, eq. 8.2.1).

    Where all are right, or all wrong, nothing shows how tasks differ: then each task counts once.
    """
    m, total = len(counts), sum(n for _, n in counts)
    rate = sum(c for c, _ in counts) / total
    if rate in (0.0, 1.0):
        return total / m
    between = sum((c - n * rate) ** 2 for c, n in counts) * m / (m - 1)
    return max(LEAST_EFFECT, between / (total * rate * (1.0 - rate)))


def wilson(rate: float, n: float, z: float) -> tuple[float, float]:
    """Wilson's interval (1927) for a rate among ``n`` independent ones, ``z`` standard errors wide."""
    scale = 1.0 + z * z / n
    middle = (rate + z * z / (2.0 * n)) / scale
    half = z * math.sqrt(rate * (1.0 - rate) / n + z * z / (4.0 * n * n)) / scale
    return max(0.0, min(rate, middle - half)), min(1.0, max(rate, middle + half))  # of a rate 1, 1 and no less


def student(degrees: int, probability: float = 0.975) -> float:
    """Student's quantile by Abramowitz & Stegun 26.7.5: within 4 % from two degrees of freedom on, 0.1 % from six."""
    z, d = NormalDist().inv_cdf(probability), float(degrees)
    first, second = (z**3 + z) / 4, (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / d + second / d**2 + third / d**3


def pass_at(k: int, counts: Sequence[tuple[int, int]]) -> float:
    """P(one of k is right), without bias (Chen et al., 2021, eq. 1); tasks with fewer than k rollouts have no say."""
    return _mean([1.0 - math.comb(n - c, k) / math.comb(n, k) for c, n in counts if n >= k])


def mixed(counts: Sequence[tuple[int, int]], group: int = GROUP) -> float:
    """P(a group of one task's rollouts is neither all right nor all wrong): only such a group carries a gradient."""
    uniform = [(math.comb(c, group) + math.comb(n - c, group)) / math.comb(n, group) for c, n in counts if n >= group]
    return _mean([1.0 - share for share in uniform])


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else math.nan
