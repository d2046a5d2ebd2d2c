"""The stages that are drawn: the contract's whole domain, at random.

Every call is a draw from the product of coordinates (rate, size and dimensions, layout and dtype, values, mode, a
layer's life, its ``rng``), which ``decks`` deals. What must meet (a rate near an end and an array large enough to show
it) is put together here, and so are layers that may be related.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from grader.exercises.dropout.decks import LAYOUTS, PLAIN, POOL, Dealer, Life, Rate, named
from grader.exercises.dropout.plan import Builder, Seeds, Stage
from grader.exercises.dropout.public import coins_stage, exact_stage, greeting_stage

ALMOST_ONE, ALMOST_ZERO = 1 - 2**-53, 5e-324
# Seeds so far apart belong to layers that are taken for one another by what is left of them: after a shift, modulo a
# power of two or of ten, or with one more for every call.
APART = (0, 1, 2, 10, 100, 1000, 1009, 7919, 9973, 10**4, 65_537, 104_729, 10**6, 1_000_003)
APART_LARGE = (10**12, 2**31 - 1, 2**32 - 1, 2**64)
LARGEST = 18_000  # numbers in a call; one has some five times as many
ALIVE = 3  # layers at a time: one may hold a hundred megabytes, or threads of its own


def stages(seed: int, rates: Sequence[float], inputs: Sequence[str]) -> Iterator[Stage]:
    """All stages of one grading, each drawn when it is wanted. The layer's own randomness comes from a stream that is
    independent of the hidden ones; the same seed gives the same stages."""
    layers, small, full = (np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(3))
    seeds = Seeds(layers)
    yield (stage := greeting_stage(seeds, int(layers.integers(2**63))))
    yield (stage := exact_stage(stage, rates, seeds))
    yield (stage := coins_stage(stage, rates, inputs, seeds))
    yield (stage := small_stage(small, stage, rates, seeds))
    yield full_stage(full, stage, rates, seeds)


def small_stage(rng: np.random.Generator, before: Stage, published: Sequence[float], seeds: Seeds) -> Stage:
    """Some two dozen calls of the whole domain with less than 40,000 numbers together."""
    dice = random.Random(int(rng.integers(2**63)))
    d = Dealer(dice, published, before.first_array + len(before.arrays), 4_000)
    lives = [
        d.life(d.rate(), dims, 10 ** dice.uniform(low, low + 0.9), d.count.draw())
        for dims in (1, 2, 3, 4)
        for low in (0, 0.9, 1.8, 2.7)
    ]
    lives += [d.life(d.towards_one(1, 2.5), dice.randint(1, 4), 3_000, 1), d.life(d.towards_zero(), 2, 2_000, 1)]
    lives.append(d.life(d.rate("zero"), dice.randint(1, 4), 300, 1))
    for dims, n in ((1, 100), (dice.randint(2, 4), 2_000)):
        _excursion(d, dice.choice(lives), dims, n)
    return _write(d, lives, before, rng, seeds)


def full_stage(rng: np.random.Generator, before: Stage, published: Sequence[float], seeds: Seeds) -> Stage:
    """Everything else, for layers that are right so far."""
    dice = random.Random(int(rng.integers(2**63)))
    d = Dealer(dice, published, before.first_array + len(before.arrays), LARGEST)
    lives = [
        d.life(d.rate(), dims, 10 ** dice.uniform(low, low + 0.56), d.count.draw() if low < 3 else 1)
        for dims in (1, 2, 3, 4)
        for low in (0.56 * k for k in range(7))
    ]
    kinds = dice.sample(PLAIN, len(PLAIN))
    known = [Rate(p, p, named(p)) for p in dice.sample(published, len(published)) if 0.28 < p < 0.72]
    for dims in dice.sample((1, 2, 3, 4), 4):  # large ones, at rates where every test looks
        values, rate = kinds.pop(), known.pop() if known else d.rate((0.28, 0.72))
        lives.append(d.life(rate, dims, dice.uniform(10_500, LARGEST), 1, values, practice=True))
        for n in (30, 1_000, 6_000):
            lives.append(d.life(d.rate("zero"), dims, n * 10 ** dice.uniform(-0.5, 0.5), 1))
        for training, axis in ((True, 0), (True, dims - 1), (False, dice.randrange(dims))):
            rate, empty = d.rate(), list(d.shape(dims, 50))
            empty[axis] = 0
            lives.append(Life(rate, d.rng.draw(), [d.turn(rate, tuple(empty), training)]))
        for n in (10, 300, 3_000, 27_000):
            _excursion(d, dice.choice(lives), dims, n * 10 ** dice.uniform(-0.1, 0.1))
    for values in kinds:  # so that no kind of numbers is met in short arrays alone
        lives.append(d.life(d.rate((0.28, 0.72)), dice.randint(1, 4), dice.uniform(3_000, 5_000), 1, values))
    for dtype in ("<f8", "<f4"):  # NaN and infinities among more numbers than chance would drop
        p = round(dice.uniform(0.28, 0.72), 6)
        turn = d.turn(Rate(p, p, "odd"), d.shape(dice.randint(1, 4), dice.uniform(300, 1_500)), True, "special", dtype)
        lives.append(Life(Rate(p, p, "odd"), d.rng.draw(), [turn]))
    # one layer sees more than a hundred thousand numbers of one dtype, in one dimension and in several; some of another
    lives.append(large := Life(d.rate((0.28, 0.5)), d.rng.draw(), []))
    dtype, other = dice.sample(("<f8", "<f4"), 2)
    sizes = ((75_000, 100_000, dtype), (28_000, 36_000, dtype), (20_000, 25_000, other))
    for dims, (least, most, dtype) in zip(dice.sample((1, *dice.sample((2, 3, 4), 2)), 3), sizes, strict=True):
        large.turns.append(d.turn(large.rate, d.shape(dims, dice.uniform(least, most)), values="normal", dtype=dtype))
    for region in ((0.22, 0.42), (0.58, 0.78)):  # three calls in a row, away from 1/2, where products of three vanish
        lives.append(d.life(d.rate(region), dice.randint(1, 4), 10 ** dice.uniform(3.62, 3.76), 3, habit=True))
    for low in (1.0, 1.6, 2.2, 2.8, 3.3, 3.3):  # of 1/(1-p), and an array that some of is kept of
        rate = d.towards_one(low, low + 0.5)
        lives.append(d.life(rate, dice.randint(1, 4), min(LARGEST, 8 / (1 - rate.p)), 1, "normal"))
    lives.append(
        d.life(d.towards_zero(2.72, 2.85), dice.randint(1, 4), LARGEST, 1, "normal")
    )  # 25 are dropped, or none
    lives += [d.life(d.towards_zero(), dice.randint(1, 4), 10 ** dice.uniform(2, 3.5), 1) for _ in range(2)]
    for p in (ALMOST_ONE, ALMOST_ZERO, 1 - 10.0 ** -dice.uniform(4, 15)):
        lives.append(d.life(Rate(p, p, "ends"), dice.randint(1, 4), 300, 1, "normal"))
    lives += [d.life(d.rate(), dice.randint(1, 2), 10 ** dice.uniform(0.4, 1.34), 8) for _ in range(5)]
    for _ in range(10):
        rate, shape = d.rate(), d.shape(dice.randint(1, 3), 10 ** dice.uniform(0.4, 1.34))
        lives.append(Life(rate, d.rng.draw(), [d.run(rate, 40, shape)]))
    lives.append(Life(rate := d.rate((0.55, 0.7)), d.rng.draw(), [d.run(rate, 60, (1,))]))  # single numbers
    for layout in sorted(set(LAYOUTS)):  # the very same array twice, however it lies
        rate = d.rate((0.28, 0.72))
        turn = d.turn(rate, d.shape(dice.randint(1, 3), dice.uniform(200, 400)), values="normal", layout=layout)
        lives.append(Life(rate, d.rng.draw(), [turn, turn._replace(again="again")]))
    for training in (True, True, False, False):  # the very same array with other numbers in it
        rate, shape = d.rate((0.28, 0.72)), d.shape(dice.randint(1, 3), dice.uniform(200, 400))
        turn = d.turn(
            rate, shape, training, "normal", layout=dice.choice(("C", "F", "transposed", "stride", "negative"))
        )
        lives.append(Life(rate, d.rng.draw(), [turn, *(more._replace(again="filled") for more in d.series(turn, 1))]))
    lives += [d.life(d.rate("float32"), dice.randint(1, 3), 10 ** dice.uniform(1, 3), 1) for _ in range(2)]
    lives += [d.life(d.rate("typed"), dice.randint(1, 3), 10 ** dice.uniform(1, 2.5), 1) for _ in range(6)]
    lives += _relatives(d, seeds)
    return _write(d, lives, before, rng, seeds, _veteran(d))


def _excursion(d: Dealer, life: Life, dims: int, n: float) -> None:
    """Evaluation at some time in a layer's life, once or twice: of an array like the next in training, or of any."""
    at = d.dice.randrange(len(life.turns) + 1)
    next_one = life.turns[at] if at < len(life.turns) and d.dice.random() < 0.5 else None
    shape, dtype = (next_one.part, next_one.view.dtype) if next_one else (d.shape(dims, n), "")
    turn = d.turn(life.rate, shape, training=False, dtype=dtype)
    if at < len(life.turns):  # what was to be handed over again is no longer the latest
        life.turns[at] = life.turns[at]._replace(again="")
    life.turns[at:at] = [turn, *d.series(turn, d.dice.randrange(2))]


def _veteran(d: Dealer) -> Life:
    """One layer that is called more than three hundred times, mostly with one shape for a while."""
    rate = d.rate(d.dice.choice(((0.3, 0.42), (0.45, 0.55), (0.58, 0.7))))
    life = Life(rate, "seed", [])
    for _ in range(12):
        shape = d.shape(d.dice.choice((1, 1, 2)), d.dice.randint(110, 150))
        life.turns.append(d.run(rate, d.dice.randint(25, 30), shape))
        life.turns.append(d.turn(rate, d.shape(d.dice.randint(1, 3), 10 ** d.dice.uniform(0, 3))))
    for _ in range(6):
        _excursion(d, life, 1, 200)
    return life


def _relatives(d: Dealer, seeds: Seeds) -> list[Life]:
    """Layers with seeds that are a well-known number apart: two calls each, at one rate."""
    rate, first = Rate(0.5, 0.5, named(0.5)), seeds.draw(31)
    lives = []
    twice = d.run(rate, 2, (d.dice.randint(130, 160),))
    for apart in (*APART, *APART_LARGE):
        seed = first if not apart else seeds.take(first + apart)
        lives.append(Life(rate, "relative", d.series(twice, 1), seed))
    return lives


def _write(
    d: Dealer, lives: list[Life], before: Stage, rng: np.random.Generator, seeds: Seeds, veteran: Life | None = None
) -> Stage:
    """The lives, some at a time: each keeps its order, and which comes next is left to chance."""
    b = Builder(before, [rng.standard_normal(POOL)], seeds)
    d.dice.shuffle(lives)
    waiting, alive = lives[:], [veteran] if veteran else []
    keys: dict[int, int] = {}
    last: dict[int, int] = {}
    while waiting or alive:
        while waiting and len(alive) < ALIVE:
            alive.append(waiting.pop())
            if d.dice.random() < 0.5:  # made now, or when it is called
                keys[id(alive[-1])] = _make(b, alive[-1])
        at = d.dice.random() * sum(len(life.turns) for life in alive)  # who has more to live through has more turns
        for life in alive:
            at -= len(life.turns)
            if at < 0:
                break
        key = keys.get(id(life))
        if key is None:
            key = keys[id(life)] = _make(b, life)
        position = 0 if id(life) not in last else 1
        _take_turn(d, b, life, key, last, position)
        if not life.turns:
            alive.remove(life)
            b.drop(key)
    return b.finish(last=veteran is not None)


def _make(b: Builder, life: Life) -> int:
    if life.seed is not None:
        return b.new(life.rate.given, [life.rate.given, life.seed], fault="bad p")
    return b.layer(life.rate.given, life.rng)


def _take_turn(d: Dealer, b: Builder, life: Life, key: int, last: dict[int, int], position: int) -> None:
    turn, rate = life.turns.pop(0), life.rate
    if turn.training != b.training[key] or d.dice.random() < 0.1:
        b.switch(key, (d.train if turn.training else d.evaluate).draw() or (("train", None),), turn.training)
    earlier: dict[str, Any] | None = None
    if turn.again and id(life) in last:
        earlier = {"result" if turn.again == "result" else "again": last[id(life)]}
        if turn.again == "filled":
            earlier["filled"] = list(turn.view)
    part = turn.part
    n = math.prod(part)
    labels = (
        "all",
        ("p", rate.region),
        ("half", rate.p < 0.5),
        ("size", n if n < 4 else 3 + int(2 * math.log10(n))),
        ("tiny", n < 24, n < 100),
        ("large", n >= 1000, n >= 4000, n >= 10_000),
        ("dimensions", len(part)),
        ("dtype", turn.view.dtype),
        ("layout", turn.layout),
        ("values", turn.values),
        ("rng", life.rng),
        ("life", position, len(life.turns) > 5),
        ("earlier", turn.again),
    )
    forward = d.dice.random() < 0.5
    plain = turn.values in PLAIN and turn.again != "result"
    last[id(life)] = b.call(key, turn.view, labels, earlier, forward, plain, run=turn.run).number
    if d.dice.random() < 0.1:
        b.look()
