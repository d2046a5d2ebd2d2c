"""What a layer of another law gave back, read as one of the base law would have given it.

Then everything that is known about right coins and exact scales holds as it stands. An element that is neither what the
law makes of a kept one nor of a dropped one is shown as a wrong scale; nothing wrong is ever shown as right.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from grader.exercises.dropout.exact import Reading
from grader.exercises.dropout.laws.record import Affine, Form, Law
from grader.exercises.dropout.plan import Call, Stage
from grader.exercises.dropout.replies import Anything, Fault
from grader.exercises.dropout.theory import stable_scale

SCALE_ERROR = 1e-6  # a constant of three digits may come within 1e-4
CONDITION = 16 * 2.0**-52  # of q (1 + p v²) computed as a difference of moments, times 1/q
FEW_DIGITS = 1e-3
WRONG = 2.0  # times the right scale: what stands for everything that is neither kept nor dropped

Mask = npt.NDArray[np.bool_]


class LawReading(Reading):
    """Reads replies under one law. ``public``: what was seen in training in public stages: the calls, x and y."""

    scale_error = SCALE_ERROR

    def __init__(self, law: Law) -> None:
        super().__init__()
        self.public: list[tuple[Call, Anything, Anything]] = []
        self._law, self._listening = law, False
        self._faults: list[Fault] = []

    def read(self, stage: Stage, replies: Sequence[Any]) -> list[Fault]:
        self._listening, self._faults = stage.public, []
        return [*super().read(stage, replies), *self._faults]

    def identity_faults(self, call: Call, x: Anything, y: Anything) -> list[Fault]:
        """At p = 0 a right formula may come out at 1 ± 2⁻⁵²: a difference of moments, say."""
        tiny = float(np.finfo(y.dtype).smallest_subnormal)
        if call.training and np.allclose(y, x, rtol=SCALE_ERROR, atol=tiny, equal_nan=True):
            return []
        return super().identity_faults(call, x, y)

    def as_base(self, call: Call, x: Anything, y: Anything) -> tuple[Anything, Anything] | None:
        if self._listening:
            self.public.append((call, x, y))
        form = self.form_at(self._law.form, call)
        if form.plain:
            return x, y * y.dtype.type(stable_scale(call.p) / form.scale)
        if form.plus and (1 - call.p) * FEW_DIGITS < CONDITION:
            return None  # a right formula has lost its digits here, or has no number at all
        kept, dropped, judged = classified(form, call.p, x, y)
        scale = 1.0
        if not (kept | dropped)[judged].all():
            scale, kept, dropped = self._as_slip(call, form, x, y) or (WRONG, ~dropped, dropped)
        # where nothing can be told, a right answer of the base law: 0 for 0, or, among ordinary numbers, what is nearer
        base_x = x if call.plain else np.where(judged, np.where(x == 0, 1, x), 0).astype(x.dtype)
        base_y = np.where(dropped, 0, base_x * stable_scale(call.p) * scale)
        return base_x, base_y.astype(y.dtype)

    def _as_slip(self, call: Call, right: Affine, x: Anything, y: Anything) -> tuple[float, Mask, Mask] | None:
        """Of a call that follows a known mistake throughout: the scale that stands for it, and its coins."""
        for slip in self._law.slips:
            form = self.form_at(slip.form, call)
            kept, dropped, judged = classified(form, call.p, x, y)
            if (kept | dropped)[judged].all() and kept.any():
                if form[:2] != right[:2]:
                    return WRONG, kept, dropped
                self._faults.append(Fault("no zeros", "dropped elements do not become what they should"))
                return 1.0, kept, dropped
        return None

    def form_at(self, form: Form, call: Call) -> Affine:
        theta = self._law.default if call.theta is None else call.theta
        return form(call.p, theta)


def classified(form: Affine, p: float, x: Anything, y: Anything) -> tuple[Mask, Mask, Mask]:
    """Which elements are what ``form`` makes of a kept one, and of a dropped one; and of which that can be told: x is
    finite, its products stay in range, and the two differ, or y is no number. None is both: the nearer one counts."""
    info, exact, found = np.finfo(x.dtype), x.astype(np.float64), y.astype(np.float64)
    size = np.abs(exact)
    as_kept = form.scale * exact + form.plus
    as_dropped = form.leak * exact + form.rest
    error = SCALE_ERROR + (CONDITION / (1 - p) if form.plus else 0.0)
    slack_kept = error * (np.abs(form.scale * exact) + abs(form.plus))
    slack_dropped = error * (np.abs(form.leak * exact) + abs(form.rest - form.plus) + abs(form.plus))
    ordinary = np.isfinite(exact) & (size <= float(info.max) * (1 - p) / 4)
    if form.leak or not form.rest:  # what is told from a ratio
        ordinary &= size >= float(info.smallest_normal) / float(info.eps)
    judged = ordinary & ((np.abs(as_kept - as_dropped) > 4 * (slack_kept + slack_dropped)) | ~np.isfinite(found))
    from_kept, from_dropped = np.abs(found - as_kept), np.abs(found - as_dropped)
    nearer = from_kept <= from_dropped
    return (from_kept <= slack_kept) & nearer, (from_dropped <= slack_dropped) & ~nearer, judged
