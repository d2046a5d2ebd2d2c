"""The laws that a layer may be asked to keep, by name: what fixes the scale, and what is known to go wrong.

The handed-out exercise is about the first, "variance", and is judged as ever; the others, and all of them under other
names of the class, are judged by ``verdict``.
"""

from __future__ import annotations

from collections.abc import Mapping

from grader.exercises.dropout.laws import activation, alpha, base, known_mean, leaky, moment, shifted
from grader.exercises.dropout.laws.record import Law

LAWS: Mapping[str, Law] = {
    law.name: law
    for law in (
        *base.LAWS,
        *known_mean.LAWS,
        *activation.LAWS,
        *shifted.LAWS,
        *leaky.LAWS,
        *alpha.LAWS,
        *moment.LAWS,
        *activation.HELD_OUT_LAWS,
    )
}
HELD_OUT = tuple(law.name for law in activation.HELD_OUT_LAWS)
