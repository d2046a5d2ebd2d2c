"""The laws: each closed form against a simulation and against sums over masks and inputs; right layers pass in any
words, known mistakes fail and are named, and nothing that is nearly right is right."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from grader import Grader, Settings
from grader.exercises.dropout import EXERCISE, known
from grader.exercises.dropout.checks import Verdict
from grader.exercises.dropout.drawn import stages
from grader.exercises.dropout.laws import HELD_OUT, LAWS
from grader.exercises.dropout.laws.asked import asked
from grader.exercises.dropout.laws.layer import Hand, layer, module
from grader.exercises.dropout.laws.options import LawOptions
from grader.exercises.dropout.laws.reading import LawReading, classified
from grader.exercises.dropout.laws.record import Affine, Code, Law
from grader.exercises.dropout.options import Options
from grader.exercises.dropout.plan import Call, View
from grader.exercises.dropout.replies import Anything
from grader.exercises.dropout.theory import stable_scale
from grader.result import Grade

Floats = npt.NDArray[np.float64]
Nodes = tuple[Floats, Floats]  # values of x, and their weights
Expectation = Callable[[Callable[[Floats], Floats]], float]

RATES = (0.08, 0.3, 0.5, 0.85)
Z = np.linspace(-12, 12, 240_001)
NORMAL = np.exp(-Z * Z / 2) / math.sqrt(2 * math.pi) * (Z[1] - Z[0])


def on_grid(f: Callable[[Floats], Any]) -> Callable[[float], Nodes]:
    return lambda theta: (f(Z), NORMAL)


def two_points(theta: float) -> Nodes:
    """Skew, with mean θ and variance 1."""
    return np.array([theta - 0.5, theta + 2.0]), np.array([0.8, 0.2])


def maximum(theta: float) -> Nodes:
    """Of two normal numbers: the density is 2φΦ."""
    below = np.array([0.5 * math.erfc(-z / math.sqrt(2)) for z in Z])
    return Z, 2 * NORMAL * below


def gelu(z: Floats) -> Floats:
    values: Floats = z * np.array([0.5 * math.erfc(-v / math.sqrt(2)) for v in z])
    return values


def variance(e: Expectation) -> float:
    return e(lambda v: v * v) - e(lambda v: v) ** 2


# Inputs that a law is about, by θ: values and weights, without the closed form.
INPUTS: dict[str, Callable[[float], Nodes]] = {
    "variance": lambda theta: two_points(0.0),
    "mean": lambda theta: two_points(0.7),
    "known mean": two_points,
    "activation: relu": on_grid(lambda z: np.maximum(z, 0)),
    "activation: abs": on_grid(np.abs),
    "activation: square": on_grid(lambda z: z * z),
    "activation: relu squared": on_grid(lambda z: np.maximum(z, 0) ** 2),
    "activation: exp": on_grid(np.exp),
    "activation: gelu": on_grid(gelu),
    "activation: cos": on_grid(np.cos),
    "activation: maximum": maximum,
    "shifted": lambda theta: (np.maximum(Z + theta, 0), NORMAL),
    "leaky": lambda theta: two_points(0.0),
    "alpha": lambda theta: two_points(0.0),
    "moment": lambda theta: two_points(0.4),
}
# The same inputs at random.
SAMPLES: dict[str, Callable[[np.random.Generator, int, float], Floats]] = {
    "variance": lambda g, n, t: g.uniform(-1, 1, n),
    "mean": lambda g, n, t: g.exponential(1, n),
    "known mean": lambda g, n, t: g.gamma(t * t, 1, n) if t else g.standard_normal(n),
    "activation: relu": lambda g, n, t: np.maximum(g.standard_normal(n), 0),
    "activation: abs": lambda g, n, t: np.abs(g.standard_normal(n)),
    "activation: square": lambda g, n, t: g.chisquare(1, n),
    "activation: relu squared": lambda g, n, t: np.maximum(g.standard_normal(n), 0) ** 2,
    "activation: exp": lambda g, n, t: g.lognormal(0, 1, n),
    "activation: gelu": lambda g, n, t: gelu(g.standard_normal(n)),
    "activation: cos": lambda g, n, t: np.cos(g.standard_normal(n)),
    "activation: maximum": lambda g, n, t: np.maximum(g.standard_normal(n), g.standard_normal(n)),
    "shifted": lambda g, n, t: np.maximum(g.normal(t, 1, n), 0),
    "leaky": lambda g, n, t: g.laplace(0, 1, n),
    "alpha": lambda g, n, t: g.standard_normal(n),
    "moment": lambda g, n, t: g.exponential(1, n),
}


def deviations(law: Law, theta: float, of_x: Expectation, of_y: Expectation) -> list[float]:
    """What is to be zero for a layer that keeps the law."""
    if law.name == "mean":
        return [of_y(lambda v: v) / of_x(lambda v: v) - 1]
    if law.name == "alpha":
        return [of_y(lambda v: v), variance(of_y) - 1]
    if law.name == "moment":
        return [of_y(lambda v: np.abs(v) ** theta) / of_x(lambda v: np.abs(v) ** theta) - 1]
    return [variance(of_y) / variance(of_x) - 1]


def thetas(law: Law) -> list[float]:
    dice = random.Random(1)
    return [law.default, *(law.theta(dice) for _ in range(3))] if law.argument else [0.0]


def by_sums(law: Law, form: Affine, p: float, theta: float) -> list[float]:
    """Sums over inputs and both fates of an element."""
    x, weights = INPUTS[law.name](theta)
    kept, dropped = form.scale * x + form.plus, form.leak * x + form.rest
    return deviations(
        law,
        theta,
        lambda f: float(f(x) @ weights),
        lambda f: float((1 - p) * (f(kept) @ weights) + p * (f(dropped) @ weights)),
    )


def by_simulation(law: Law, p: float, theta: float, n: int) -> list[float]:
    rng = np.random.default_rng(7)
    x, form = SAMPLES[law.name](rng, n, theta), law.form(p, theta)
    y = np.where(rng.random(n) < p, form.leak * x + form.rest, form.scale * x + form.plus)
    return deviations(law, theta, lambda f: float(f(x).mean()), lambda f: float(f(y).mean()))


@pytest.mark.parametrize("law", LAWS.values(), ids=LAWS)
def test_a_closed_form_holds_by_sums_over_inputs_and_fates(law: Law) -> None:
    for p in RATES:
        for theta in thetas(law):
            assert max(map(abs, by_sums(law, law.form(p, theta), p, theta))) < 1e-7


@pytest.mark.parametrize("law", LAWS.values(), ids=LAWS)
def test_a_closed_form_holds_by_simulation(law: Law) -> None:
    tolerance = 0.05 if law.name in ("activation: exp", "moment") else 0.015  # heavy tails
    for p, theta in zip((0.3, 0.6), thetas(law)[-2:] * 2, strict=False):
        assert max(map(abs, by_simulation(law, p, theta, 1_000_000))) < tolerance


@pytest.mark.parametrize("law", LAWS.values(), ids=LAWS)
def test_no_known_mistake_keeps_the_law(law: Law) -> None:
    """And so the sums above can fail. (A leak that is not scaled is found by what R6 says, not by the variance.)"""
    for slip in law.slips:
        assert max(map(abs, by_sums(law, slip.form(0.4, thetas(law)[-1]), 0.4, thetas(law)[-1]))) > 5e-6


@pytest.mark.parametrize("law", LAWS.values(), ids=LAWS)
def test_nothing_is_dropped_and_nothing_changed_at_p_0(law: Law) -> None:
    for theta in thetas(law):
        assert law.form(0.0, theta)[:2] == (1.0, 0.0)


# What a prompt says that somebody saw of the planted mistake: law, p, θ, and the number.
SYMPTOMS = [
    ("variance", 0.3, 0.0, "43 %", 0.43),
    ("mean", 0.3, 0.0, "16 %", -0.16),
    ("known mean", 0.3, 3.0, "3.7 times", 2.7),
    ("activation: relu", 0.3, 0.0, "14 %", 0.14),
    ("activation: abs", 0.3, 0.0, "53 %", 0.53),
    ("activation: square", 0.3, 0.0, "15 %", 0.15),
    ("activation: relu squared", 0.3, 0.0, "6 %", 0.06),
    ("activation: exp", 0.3, 0.0, "17 %", 0.17),
    ("activation: gelu", 0.3, 0.0, "7 %", 0.07),
    ("activation: cos", 0.3, 0.0, "55 %", 0.55),
    ("activation: maximum", 0.3, 0.0, "14 %", 0.14),
    ("shifted", 0.3, 1.0, "29 %", 0.29),
    ("leaky", 0.3, 0.9, "35 %", 0.35),
    ("alpha", 0.3, -1.76, "-0.45", -0.45),
    ("moment", 0.3, 4.0, "43 %", 0.43),
]


@pytest.mark.parametrize(("name", "p", "theta", "shown", "number"), SYMPTOMS)
def test_a_symptom_is_what_the_planted_mistake_shows(
    name: str, p: float, theta: float, shown: str, number: float
) -> None:
    law = LAWS[name]
    assert shown in law.symptom
    assert by_sums(law, law.slips[0].form(p, theta), p, theta)[0] == pytest.approx(number, abs=0.006)


def test_every_law_has_its_symptom_tested() -> None:
    assert [row[0] for row in SYMPTOMS] == sorted(LAWS, key=[row[0] for row in SYMPTOMS].index)


# --- gradings -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def grader() -> Iterator[Grader]:
    """As for rewards: until the verdict is sure."""
    with Grader(Settings(execute="none", evidence="enough", timeout_s=20)) as opened:
        yield opened


def graded(grader: Grader, law: Law, code: Code, hand: Hand | None = None) -> Grade:
    hand = hand or Hand("SomeLayer")
    return grader.grade_source(module(layer(law, code, hand)), LawOptions(law=law.name, class_name=hand.name))


@pytest.mark.parametrize("law", LAWS.values(), ids=LAWS)
def test_the_right_layer_passes_and_every_known_mistake_is_named(law: Law, grader: Grader) -> None:
    right = graded(grader, law, law.code, Hand.of(random.Random(law.name), "SomeLayer"))
    assert right.passed, (right.seed, right.feedback)
    assert right.diagnosis == "correct"
    for slip in law.slips:
        wrong = graded(grader, law, slip.code)
        assert (wrong.passed, wrong.diagnosis) == (False, slip.name), (wrong.seed, wrong.feedback)
        assert wrong.feedback


OTHER_WORDS = {
    "known mean": Code("({q} * (1.0 + {t} * {t}) - {q} * {q} * {t} * {t}) ** -0.5"),
    "activation: relu": Code("np.sqrt((np.pi - 1) / ({q} * (np.pi - {q})))"),
    "activation: square": Code("math.exp(-0.5 * math.log({q} * (3.0 - {q}) / 2.0))"),
    "shifted": Code(
        "np.std(w) and np.sqrt(var / ({q} * (m2 - {q} * m1 * m1)))",
        before=(
            "w = np.array([0.0, 1.0])",
            "big = (1.0 + math.erf({t} / 2 ** 0.5)) / 2",
            "small = math.exp(-{t} * {t} / 2) * (2 * math.pi) ** -0.5",
            "m1 = {t} * big + small",
            "m2 = big + {t} * m1",
            "var = m2 - m1 * m1",
        ),
    ),
    "leaky": Code(
        "(1.0 - {p} * (1.0 - {t}) * (1.0 + {t})) ** -0.5", output="np.where({mask}, {x}, {x} * {t}) * {scale}"
    ),
    "alpha": Code(
        "1.0 / np.sqrt({q} + {p} * {t} ** 2 - ({p} * {t}) ** 2)",  # loses digits towards p = 1, as it may
        before=("z = np.where({mask}, {x}, {t})",),
        output="{scale} * z - {scale} * {p} * {t}",
    ),
    "moment": Code("np.exp(-np.log1p(-{p}) / {t})"),
    "mean": Code("np.reciprocal({q})"),
}


@pytest.mark.parametrize("name", OTHER_WORDS)
def test_a_right_layer_passes_in_other_words(name: str, grader: Grader) -> None:
    grade = graded(grader, LAWS[name], OTHER_WORDS[name])
    assert grade.passed, (grade.seed, grade.feedback)


def test_what_has_no_digits_left_at_the_end_of_the_rates_is_not_judged_there() -> None:
    """At p = 1 - 2⁻⁵³ and some θ the difference of moments comes out as 0, and its root divides by it."""
    with Grader(Settings(execute="none", evidence="enough", timeout_s=20, seed=11584765819396374868)) as grader:
        assert graded(grader, LAWS["alpha"], OTHER_WORDS["alpha"]).passed


@pytest.mark.parametrize("nothing", [np.nan, np.inf])
def test_no_number_is_wrong_even_where_a_kept_element_is_no_other_than_a_dropped_one(nothing: float) -> None:
    x = np.array([-1.5, 0.3])
    kept, dropped, judged = classified(LAWS["alpha"].form(0.5, -1.5), 0.5, x, np.array([nothing, nothing]))
    assert judged.all()
    assert not (kept | dropped).any()


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("known mean", Code("1.000004 / np.sqrt({q} * (1.0 + {p} * {t} ** 2))")),
        ("moment", Code("0.999996 * {q} ** (-1.0 / {t})")),
        (
            "alpha",
            Code(LAWS["alpha"].code.scale, output="{scale} * (np.where({x} * {mask} == 0, {t}, {x}) - {p} * {t})"),
        ),
        (
            "alpha",
            Code(
                LAWS["alpha"].code.scale, output="{scale} * np.where({mask}, {x}, {t}) - 1.00002 * {scale} * {p} * {t}"
            ),
        ),
        ("leaky", Code(LAWS["leaky"].code.scale, output="{x} * np.where({mask}, 1.0, abs({t})) * {scale}")),
        ("leaky", Code(LAWS["leaky"].code.scale, output="{x} * np.where({mask}, 1.0, {t} * (1 + 1e-5)) * {scale}")),
    ],
)
def test_what_is_nearly_right_is_wrong(name: str, code: Code, grader: Grader) -> None:
    assert graded(grader, LAWS[name], code).reward == 0.0


def test_a_constant_of_four_digits_is_no_derivation(grader: Grader) -> None:
    law = LAWS["activation: relu"]
    assert graded(grader, law, Code("1.0 / np.sqrt({q} * (1.0 + 0.4669 * {p}))")).reward == 0.0


def test_the_argument_may_be_left_out(grader: Grader) -> None:
    """Its default is a part of the contract, and some layers are made without it."""
    law = LAWS["moment"]
    source = module(layer(law, law.code, Hand("SomeLayer")))
    options = LawOptions(law=law.name, class_name="SomeLayer")
    assert grader.grade_source(source, options).passed
    assert not grader.grade_source(source.replace("order=2.0", "order=3.0"), options).passed
    assert not grader.grade_source(source.replace("order=2.0", "order"), options).passed


def test_a_class_of_another_name_is_no_answer(grader: Grader) -> None:
    law = LAWS["variance"]
    grade = grader.grade_source(module(layer(law, law.code, Hand("Another"))), LawOptions(class_name="SomeLayer"))
    assert (grade.reward, grade.diagnosis) == (0.0, "interface")


def test_what_is_right_as_it_was_handed_out_is_right(grader: Grader) -> None:
    """The handed-out cell keeps the mean: where that is the law, there is nothing to repair."""
    assert grader.grade_source(known.START).status == "not_attempted"
    assert grader.grade_source(known.START, LawOptions(law="mean")).passed
    assert grader.grade_source(known.START, LawOptions(law="variance")).reward == 0.0


def test_the_handed_out_exercise_is_judged_as_ever() -> None:
    assert type(EXERCISE.plan(1, Options(), True)) is Verdict
    assert type(EXERCISE.plan(1, LawOptions(), True)) is not Verdict


def test_options_name_what_is_there() -> None:
    with pytest.raises(ValueError, match="none of them"):
        LawOptions(law="none of them")
    with pytest.raises(ValueError, match="no name"):
        LawOptions(class_name="no name")


# --- how it is asked, and how replies are read --------------------------------------------------------------------


def drawn(law: Law, seed: int) -> tuple[list[Any], list[Any]]:
    """The θ of all calls in public stages, and in the others."""
    public: list[Any] = []
    hidden: list[Any] = []
    for stage in asked(stages(seed, (0.3, 0.5, 0.7), ("normal",)), law, "SomeLayer", seed):
        (public if stage.public else hidden).extend(call.theta for call in stage.calls)
        made = [operation for operation in stage.operations if operation[0] == "new"]
        assert {operation[2] for operation in made} == {"SomeLayer"}
        given = {operation[1]: operation[4].get(law.argument) for operation in made}
        for call in stage.calls:
            assert given.get(call.layer) in (None, call.theta)
    return public, hidden


def test_theta_is_drawn_for_each_layer_and_hidden_where_the_question_is() -> None:
    law = LAWS["known mean"]
    (public, hidden), (public_too, others) = drawn(law, 1), drawn(law, 2)
    assert public == public_too
    assert len(set(hidden)) > 100
    assert set(hidden) & set(others) == {law.default}
    assert law.default in public
    assert not set(hidden) & set(public) - {law.default}


def shown_as_base(reading: LawReading, call: Call, x: Anything, y: Anything) -> tuple[Anything, Anything]:
    shown = reading.as_base(call, x, y)
    assert shown is not None
    return shown


@pytest.mark.parametrize("name", ["leaky", "alpha"])
@pytest.mark.parametrize("dtype", ["<f8", "<f4"])
def test_a_single_wrong_element_is_never_shown_as_right(name: str, dtype: str) -> None:
    law, rng = LAWS[name], np.random.default_rng(3)
    reading = LawReading(law)
    for p in (1e-3, 0.3, 0.9):
        theta = law.theta(random.Random(p))
        x = rng.standard_normal(400).astype(dtype)
        call = Call(0, 0, 0, p, View(0, 0, x.shape, dtype), theta=theta)
        form, coins = law.form(p, theta), rng.random(400) < 1 - p
        y = np.where(coins, form.scale * x + form.plus, form.leak * x + form.rest).astype(dtype)
        seen_x, seen_y = shown_as_base(reading, call, x, y)
        assert np.array_equal(seen_y != 0, coins)
        assert np.allclose(seen_y[coins], stable_scale(p) * seen_x[coins], rtol=1e-6, atol=0)
        for wrong in (1.0 + 1e-4, 0.0, -1.0, 2.0, np.nan):
            spoilt = y.copy()
            spoilt[17] = y[17] * wrong
            seen_x, seen_y = shown_as_base(reading, call, x, spoilt)
            assert not np.allclose(seen_y[seen_y != 0], stable_scale(p) * seen_x[seen_y != 0], rtol=1e-6, atol=0)


def test_four_laws_are_held_out() -> None:
    assert len(HELD_OUT) == 4
    assert {"activation: gelu", "activation: cos"} <= set(HELD_OUT)
