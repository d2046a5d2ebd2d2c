"""Plan and raw replies → findings R1–R8, measurements, and what was seen, for the diagnosis.

Exact before statistical: on kept elements y/x *is* the scale, so it is read off exactly; statistics are spent on the
fraction kept and on the independence of the masks. Every threshold below is set so that a right layer fails one
grading with probability below 1e-6 in sum.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.exercise import theory
from grader.exercise.evidence import (
    IDENTITIES,
    SCALE_SPREAD,
    Floats,
    Notes,
    Pair,
    by_rate,
    common_scale,
    exception,
    raised,
    read_calls,
)
from grader.exercise.masks import Z_LIMIT, check_fractions, check_independence
from grader.exercise.plan import CLASS, Plan
from grader.exercise.probes import SMALL_N
from grader.exercise.rules import CONTRACT, RULE_OF, TITLES, Seen
from grader.result import Finding, Measurement, Outcome

TRAINING = (  # groups of calls: the published rates come first
    *("large", "small", "wide", "layouts", "tiny", "inputs", "train again", "default p"),
    *("twins", "again", "neighbours", "wide again", "looked at", "anywhere"),
)
SCALE_ERROR = 1e-4  # R7: s·√(1-p) - 1
TRUTH = {True: ("True", "np.True_", "1"), False: ("False", "np.False_", "0")}  # how an attribute shows itself


@dataclass(frozen=True)
class Evidence:
    """What the replies show: one finding for each of R1–R8, in order."""

    findings: tuple[Finding, ...]
    measurements: tuple[Measurement, ...]
    seen: Seen


def check(plan: Plan, replies: Sequence[Any], published: tuple[float, ...], tolerance: float) -> Evidence:
    """Judge R1–R8. ``replies`` are the sandbox's, one for each operation of the plan."""
    with np.errstate(all="ignore"):  # whatever numbers come back, they are compared, never trusted
        return _check(plan, replies, published, tolerance)


def _check(plan: Plan, replies: Sequence[Any], published: tuple[float, ...], tolerance: float) -> Evidence:
    notes = Notes(published, plan.secret_from)
    _check_interface(plan, replies, notes)
    _check_argument(plan, replies, notes)
    pairs = {name: read_calls(plan, replies, name, notes) for name in plan.calls}
    _check_identities(pairs, notes)
    training = [pairs.get(name) for name in TRAINING]
    statistics = all(pairs[name] is not None for name in ("large", "small", "wide"))
    kept, scale = [math.nan] * len(plan.rates), [math.nan] * len(plan.rates)
    if statistics:
        kept, scale = _check_scales(plan, [pair for group in training if group for pair in group], notes)
        _check_modes(pairs, notes)
        check_fractions(pairs, notes)
        check_independence(pairs, notes)
    measurements = _measurements(plan, pairs, notes, tolerance)
    seen = Seen(plan.rates, tuple(kept), tuple(scale), published, dict(notes.faults))
    unread = {"R4": "evaluation", "R5": "p = 0"}
    unjudged = {rule for rule, group in unread.items() if pairs[group] is None}
    if not statistics:
        unjudged |= {"R6", "R7", "R8"}
    return Evidence(_findings(notes, unjudged, tolerance), measurements, seen)


def measure(pairs: Sequence[Pair], fraction_holds: bool = True) -> Measurement:
    """One rate's calls pooled into one measurement."""
    p, inputs = pairs[0].p, pairs[0].inputs
    x = np.concatenate([pair.x for pair in pairs]).astype(float, copy=False)
    y = np.concatenate([pair.y for pair in pairs]).astype(float, copy=False)
    kept = sum(pair.kept for pair in pairs) / x.size
    scale = common_scale(pairs)
    x2, y2 = x @ x, y @ y
    power = float(y2 / x2)
    variance = float(_centred_power(y) / _centred_power(x))
    residual = y * y - power * (x * x)
    mean = theory.INPUT_MEAN[inputs]
    judged = variance
    if math.isfinite(scale):  # R8's number: free of sampling error where the fraction has been judged already
        judged = scale * scale * ((1.0 - p) if fraction_holds else kept) * (1.0 + p * mean**2)
    return Measurement(
        p=p,
        inputs=inputs,
        n=x.size,
        kept_fraction=kept,
        scale=scale,
        power_ratio=power,
        variance_ratio=variance,
        judged_ratio=judged,
        expected=theory.variance_ratio(p, theory.stable_scale(p), mean),
        standard_error=float(np.sqrt(residual @ residual) / x2),
    )


def _centred_power(v: Floats) -> Any:
    """n·Var[v]."""
    v = v - v.mean()
    return v @ v


def curve(plan: Plan, replies: Sequence[Any]) -> tuple[Measurement, ...]:
    """The measurements of a ``curve_plan``; empty where the layer gave no usable numbers."""
    with np.errstate(all="ignore"):
        pairs = read_calls(plan, replies, "curve", Notes(())) or ()
        return tuple(measure(group) for group in by_rate(pairs).values())


# --- R1, R2: the interface -------------------------------------------------------------------------------------


def _check_interface(plan: Plan, replies: Sequence[Any], notes: Notes) -> None:
    for at, operation in enumerate(plan.operations):
        if operation[0] == "new" and at not in plan.marks.values() and raised(replies[at]):
            missing = replies[at].line == 0 and replies[at].message.endswith(f"has no attribute {CLASS!r}")
            says = exception(replies[at], notes.told(at))
            notes.fault("interface", f"there is no class {CLASS}" if missing else f"construction raised {says}")
    for name, at in plan.marks.items():
        reply, failed = replies[at], raised(replies[at])
        text = getattr(reply, "text", "an array")
        says = exception(reply, notes.told(at)) if failed else text
        if name.startswith("bad "):
            shown = f"p = {name.removeprefix('bad ')}"
            if not failed:
                notes.fault("bad p", f"{shown} was accepted")
            elif "ValueError" not in reply.bases:
                notes.fault("bad p", f"{shown} raised {reply.type}")
        elif name.startswith(("default p", "p = 0", "rng")):
            if failed:
                fault = "p = 0" if name.startswith("p = 0") else "interface"
                notes.fault(fault, f"construction raised {says}")
        elif name.startswith("training"):
            wanted = not name.endswith(("eval()", "False)"))
            if failed or text not in TRUTH[wanted]:
                notes.fault("interface", f"{name} is {says}, not {wanted}")
        elif name.endswith(")") and failed:
            notes.fault("interface", f"{name} raised {says}")
        elif name.endswith(")") and text != "self":
            notes.fault("interface", f"{name} gives {text}, not the layer itself")


# --- R3: what came back ----------------------------------------------------------------------------------------


def _check_argument(plan: Plan, replies: Sequence[Any], notes: Notes) -> None:
    for call, at, part in plan.looks:
        x = call.view.of(plan.arrays)
        after = getattr(replies[at], "data", None)
        if after is None or not np.array_equal(after, x.reshape(-1)[part]):
            notes.fault("x changed", f"a {x.ndim}-d {x.dtype} x differs after the call")
    for before, at, part in plan.chains:
        given, after = (getattr(replies[number], "data", None) for number in (before, at))
        if given is not None and (after is None or not np.array_equal(after, given[part], equal_nan=True)):
            notes.fault("x changed", "an x that a call before had given back differs after the call")


# --- R4, R5: the identities ------------------------------------------------------------------------------------


def _check_identities(pairs: dict[str, list[Pair] | None], notes: Notes) -> None:
    for group in IDENTITIES:
        for pair in pairs[group] or ():
            if not np.array_equal(pair.x.astype(pair.y.dtype), pair.y, equal_nan=True):  # R3 judges the dtype
                notes.fault(group, _deviation(pair) if notes.knows(pair.p) else f"x was changed at {notes.at(pair.p)}")


def _deviation(pair: Pair) -> str:
    dropped = 1.0 - pair.kept / pair.x.size
    survivors = f"{pair.scale:.4g}·x" if math.isfinite(pair.scale) else "something else than x"
    return f"{dropped:.0%} dropped, the rest {survivors}" if dropped else f"{survivors} came back"


def _check_modes(pairs: dict[str, list[Pair] | None], notes: Notes) -> None:
    """Training does nothing and evaluation drops: the two are exchanged."""
    training, evaluation = pairs["large"] or [], pairs["evaluation"] or []
    idle = all(np.array_equal(pair.x, pair.y) for pair in training)
    dropping = sum(0 < pair.kept < pair.y.size for pair in evaluation)
    if idle and dropping > len(evaluation) / 2:  # at a small rate a small array may lose nothing
        notes.fault("modes exchanged", "x came back unchanged in training, and was dropped from in evaluation")


# --- R7: the scale, exactly ------------------------------------------------------------------------------------


def _check_scales(plan: Plan, pairs: list[Pair], notes: Notes) -> tuple[list[float], list[float]]:
    """R7 over every training call. Returns, for each rate of the plan, the fraction kept and the common scale."""
    kept, scales = [], []
    # one number may be zero by itself, and with hardly a unit kept all may be
    full = [pair.kept == pair.y.size for pair in pairs if pair.y.size >= SMALL_N and pair.p < 0.99]
    if all(full) and any(pair.kept and math.isnan(pair.scale) for pair in pairs):
        notes.fault("no zeros", "no element is exactly zero")
    for p, group in by_rate(pairs).items():
        found = [pair for pair in group if pair.kept]
        scale = common_scale(found)
        if any(math.isnan(pair.scale) for pair in found):
            notes.fault("scale inside", f"kept elements of one call have different ratios y/x at {notes.at(p)}")
        elif found and math.isnan(scale):
            values = sorted(pair.scale for pair in found)
            between = f"between {values[0]:.5g} and {values[-1]:.5g}" if notes.knows(p) else "different"
            notes.fault(_moving_scale(found), f"{between} at {notes.at(p)}")
        if math.isfinite(scale):
            error = scale / theory.stable_scale(p) - 1.0
            power = f"= {scale * scale * (1 - p):.5g}" if notes.knows(p) else "is not 1"
            law = f"s²·(1-p) {power} at {notes.at(p)}"
            shown = f"s = {scale:.5g} and {law}" if p in notes.published else law
            notes.limit("scale", abs(error), SCALE_ERROR, shown)
        if p in plan.rates:
            large = [pair for pair in group if pair.inputs == "normal"]
            kept.append(sum(pair.kept for pair in large) / sum(pair.y.size for pair in large))
            scales.append(scale)
    notes.good["R7"] = "s²·(1-p) = 1.0000 at every rate"
    return kept, scales


def _moving_scale(found: list[Pair]) -> str:
    """From call to call: does it follow the fraction that happened to survive, or the data?"""
    steady = [pair.scale * math.sqrt(pair.kept / pair.y.size) for pair in found]
    return "scale by fraction" if np.ptp(steady) <= SCALE_SPREAD * abs(steady[0]) else "scale by call"


# --- R8 and the findings ---------------------------------------------------------------------------------------


def _measurements(
    plan: Plan, pairs: dict[str, list[Pair] | None], notes: Notes, tolerance: float
) -> tuple[Measurement, ...]:
    """R8 at every rate and input; only what was published is shown."""
    groups = [*by_rate(pairs["large"] or ()).values()] if "normal" in plan.inputs else []
    groups += [[pair] for pair in pairs.get("inputs") or ()]
    shown = []
    for group in groups:
        m = measure(group, "fraction" not in notes.faults)
        mean = theory.INPUT_MEAN[m.inputs]
        ratio = f"= {m.judged_ratio:.4g}" if notes.knows(m.p) else "is not what it should be"
        what = f"Var[y]/Var[x] {ratio} at {notes.at(m.p)}" + (
            "" if m.inputs == "normal" else f", {m.inputs} inputs, contract {m.expected:.4g}"
        )
        notes.limit("variance", abs(m.variance_error), tolerance, what)
        if math.isfinite(m.scale):  # and the sums bear it out, given x
            power = m.judged_ratio / (1.0 + m.p * mean**2)
            off = abs(m.power_ratio - power)
            notes.limit(
                "variance",
                off,
                Z_LIMIT * m.standard_error + 1e-9,
                f"Σy²/Σx² and Σ(s·m·x)²/Σx² differ at {notes.at(m.p)}",
            )
        if m.p in notes.published:
            shown.append(m)
    if shown:
        worst = max(shown, key=lambda m: abs(m.variance_error))
        notes.good["R8"] = f"within {abs(worst.variance_error):.1%} at every rate"
    return tuple(shown)


def _findings(notes: Notes, unjudged: set[str], tolerance: float) -> tuple[Finding, ...]:
    tolerances = {
        "R6": "P < 1e-6 by chance",
        "R7": "1e-4",
        "R8": f"{tolerance:.0%}",
        "R4": "exact",
        "R5": "exact",
    }
    findings = []
    for rule in ("R1", "R2", "R3", "R4", "R5", "R6", "R7", "R8"):
        faults = [shown for name, shown in notes.faults.items() if RULE_OF[name] == rule]
        outcome = Outcome.FAILED if faults else Outcome.PASSED
        measured = "; ".join(faults) or notes.good.get(rule, "as expected")
        if not faults and rule in unjudged:
            outcome, measured = Outcome.NOT_JUDGED, "no usable arrays to judge it by"
        findings.append(Finding(rule, TITLES[rule], outcome, measured, CONTRACT[rule], tolerances.get(rule, "")))
    return tuple(findings)
