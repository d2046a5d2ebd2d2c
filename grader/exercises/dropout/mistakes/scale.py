"""Mistakes of the scale: another law of p, or none (R7, R8)."""

from __future__ import annotations

from grader.exercises.dropout.known import REPAIR, beside, repaired, scaled
from grader.exercises.dropout.mistakes.record import Law, Mistake, Sign

PRODUCT = "y = x * mask * scale"

MISTAKES = (
    Mistake(
        "the right factor, more than once",
        "The right factor is in your code, but it is applied more than once: at p = {p:g} survivors grow by {r:.5g} "
        "and the power to {power:.3g} times. Follow one number from x to y.",
        signs=tuple(Sign(scale=law, code="the right factor") for law in (Law(b=-1), Law(b=-1.5), Law(b=-2))),
        hint="Let them print one number at each step from x to y: where is it scaled twice?",
        examples=(
            scaled("(1.0 / np.sqrt(keep_prob)) ** 2"),
            repaired(REPAIR, (PRODUCT, f"{PRODUCT} / np.sqrt(keep_prob)")),
            repaired((PRODUCT, f"{PRODUCT} / np.sqrt(keep_prob)")),
        ),
    ),
    Mistake(
        "inverted dropout",
        "This is ordinary inverted dropout: at p = {p:g} survivors grow by {r:.5g}, the mean is kept exactly and the "
        "power grows to {power:.3g} times. Which of the two does this layer promise?",
        when={
            "fraction": "At p = {p:g} survivors grow by {r:.5g}, as in ordinary inverted dropout, which keeps the mean "
            "and not the power; and the fraction kept is off too: you keep {f:.3f}, the contract {q:.3f}."
        },
        signs=(Sign(scale=Law(b=-1), label="inverted dropout"),),
        hint="They know the usual layer. Put E[y] and E[y²] side by side for s = 1/(1-p): which of the two does this "
        "contract keep?",
        examples=(scaled("np.reciprocal(keep_prob)"), scaled("keep_prob ** -1")),
    ),
    Mistake(
        "divided by p",
        "You divided by the probability of dropping: at p = {p:g} survivors grow by {r:.5g}. Who survives? (p = 0.5 "
        "hides this.)",
        signs=(Sign(scale=Law(a=-1), label="divided by p"),),
        hint="Ask how many of 1,000 units survive at p = 0.1. Mistakes of this kind hide at p = 0.5.",
        examples=(scaled("1.0 / self.p"),),
    ),
    Mistake(
        "root of p",
        "The root is right; look at the probability under it. At p = {p:g} survivors grow by {r:.5g} and the power to "
        "{power:.3g} times. (p = 0.5 hides this.)",
        signs=(Sign(scale=Law(a=-0.5), label="root of p"),),
        hint="The square root is understood; which probability stands under it is not. Try p = 0.1 by hand.",
        examples=(scaled("1.0 / np.sqrt(self.p)"),),
    ),
    Mistake(
        "root not inverted",
        "At p = {p:g} survivors shrink to {r:.5g} and the power falls to {power:.3g}. Dropping has already lost power: "
        "should survivors shrink or grow?",
        signs=(Sign(scale=Law(b=0.5), label="root not inverted"),),
        hint="Ask before the formula: power was lost, so are survivors made larger or smaller?",
        examples=(scaled("np.sqrt(keep_prob)"),),
    ),
    Mistake(
        "test-time factor in training",
        "At p = {p:g} survivors shrink to {r:.2f}: this is the factor that the original paper applies at test time. "
        "The power falls to {power:.3g}; should survivors shrink or grow?",
        signs=(Sign(scale=Law(b=1), label="test-time factor, or ** before /"),),  # 0.7, and q ** -1/2 = 0.714
        hint="Srivastava et al. scale at test time, this layer in training: draw both in time.",
        examples=(scaled("keep_prob"),),
    ),
    Mistake(
        "** before /",
        "Your scale is {r:.5g} at p = {p:g}. In Python ** binds tighter than /, so 2 ** 3/2 is (2 ** 3) / 2 = 4: print "
        "your scale, and mind the brackets.",
        signs=(
            Sign(scale=Law(b=-1, factor=0.5), code="** before /"),
            Sign(scale=Law(b=1, factor=0.5), code="** before /", label="** before / (1/q ** 1/2)"),
        ),
        hint="A Python matter, not one of probability: let them print q ** -1/2 and q ** (-1/2).",
        examples=(scaled("keep_prob ** -1/2"), scaled("1 / keep_prob ** 1/2"), scaled("keep_prob ** 1/2")),
    ),
    Mistake(
        "another power of p and 1-p",
        "Your scale is {r:.5g} at p = {p:g} and the power becomes {power:.3g} times what it was. The law is "
        "s² · (1-p) = 1: put your s into it.",
        signs=tuple(Sign(scale=law) for law in (Law(a=-0.5, b=-0.5), Law(b=-1.5), Law(b=-2), Law(b=-0.25))),
        hint="Let them put their s into s²·(1-p) and read what it makes of the power at p = 0.3.",
        examples=(
            scaled("1 / np.sqrt(max(self.p, 1e-9) * keep_prob)"),
            scaled("1 / keep_prob ** 2"),
            scaled("keep_prob ** -0.25"),
        ),
    ),
    Mistake(
        "no scale",
        "Survivors go through untouched: at p = {p:g} the power falls to {power:.3g}. Something must make up for the "
        "part that is lost.",
        signs=(Sign(scale=Law(), label="no scale"),),
        hint="Show twenty layers in a row (figure F5): what is lost once is lost twenty times.",
        examples=(scaled("1.0"), repaired((PRODUCT, "y = x * mask * 1.0"))),
    ),
    Mistake(
        "scale 1 + p",
        "Your scale is 1 + p: at p = {p:g} survivors grow by {r:.5g} and the power becomes {power:.3g} times what it "
        "was. What is lost has to come from those that are left, and they are fewer: put your s into s² · (1-p).",
        signs=(Sign(scale=Law(a=1, plus=1)),),
        hint="Proposal B of section 3. Ask for p = 0.9: one in ten is left, and it is made less than twice as large.",
        examples=(scaled("1 + self.p"), scaled("2 - keep_prob")),
    ),
    Mistake(
        "halfway to inverted dropout",
        "Your scale lies halfway between no scale and inverted dropout: at p = {p:g} survivors grow by {r:.5g} and the "
        "power becomes {power:.3g} times what it was. The error grows with p: put your s into s² · (1-p).",
        signs=(Sign(scale=Law(b=-1, factor=0.5, plus=0.5)),),
        hint="Proposal D of section 3. It looks right at p = 0.3; let them try 0.7, and then solve for s.",
        examples=(scaled("0.5 * (1 + 1 / keep_prob)"), scaled("(2 - self.p) / (2 - 2 * self.p)")),
    ),
    Mistake(
        "scale does not follow p",
        "Your scale is {r:.5g} at p = {p:g}, where s² · (1-p) = {law:.6g}. It has to be 1 at every rate: try some near "
        "0, near 1 and in between. Is a number written down, rounded, fitted or added?",
        hint="A number that fits one p was found by trying. Ask for the law at p = 0.8.",
        examples=(
            scaled("2 ** 0.5"),
            scaled("1.1952"),
            scaled("round(keep_prob ** -0.5, 2)"),
            scaled("{0.3: 0.7 ** -0.5, 0.5: 2 ** 0.5, 0.7: 0.3 ** -0.5}.get(self.p, 1 / keep_prob)"),
            scaled("np.polyval(np.polyfit([0.3, 0.5, 0.7], [0.7 ** -0.5, 0.5 ** -0.5, 0.3 ** -0.5], 2), self.p)"),
        ),
    ),
    Mistake(
        "scale measured from the data",
        "Your scale differs from call to call ({detail}). The contract's is computed from p alone, and is the same in "
        "every call.",
        faults=("scale by call",),
        hint="Ask what the layer would do to a batch of one: a rescued sample is no constant.",
        examples=(
            repaired((PRODUCT, "y = x * mask; y = y * (np.std(x) / np.sqrt(np.var(y))) if y.any() else y")),
            repaired((PRODUCT, "y = x * mask; y = y * np.sqrt((x * x).sum() / (y * y).sum()) if y.any() else y")),
        ),
    ),
    Mistake(
        "scale from the observed fraction",
        "Your scale follows the fraction that happened to survive ({detail}). The coins' average is not the coin's "
        "probability.",
        faults=("scale by fraction",),
        hint="The fraction that survived and the probability of surviving: toss ten coins.",
        examples=(scaled("1.0 / np.sqrt(max(mask.mean() if mask.size else 1.0, 1e-9))"),),
    ),
    Mistake(
        "scale differs between elements",
        "The kept elements of one call are not multiplied by one number: {detail}.",
        faults=("scale inside",),
        hint="One s for all: let them print y/x on the kept elements.",
        examples=(beside((PRODUCT, f"{PRODUCT} * np.where(x > 0, 1, -1)")),),
    ),
    Mistake(
        "no root or power",
        "The numbers are right, but the code holds no root and no power: derive the scale from p.",
        faults=("no root",),
        hint="The numbers are right. Ask where they come from: the scale should be derived from p.",
        examples=(
            scaled("1.0\n        for _ in range(60):\n            scale = (scale + 1 / (keep_prob * scale)) / 2"),
        ),
    ),
    Mistake(
        "unknown",
        "At p = {p:g} you keep {f:.3f} of the units (contract {q:.3f}), and the kept ones are multiplied by {r:.5g}, "
        "which makes s² · (1-p) = {law:.5g} (contract 1). This is not a mistake we know: go through the law with these "
        "numbers.",
        faults=("scale", "variance"),
        hint="Not a mistake we know: read the answer with the numbers of its page beside it.",
    ),
)
