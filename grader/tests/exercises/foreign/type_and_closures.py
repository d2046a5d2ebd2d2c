# expected: passes
# The class is made by type(); __init__ binds a closure that holds generator and scale; the mask is np.random.Generator.binomial.
import numpy as np


def _kernel(p, gen):
    s = np.exp(-0.5 * np.log1p(-p))

    def run(x):
        with np.errstate(all="ignore"):
            scaled = np.multiply(x, s, dtype=x.dtype, casting="same_kind")
        kept = gen.binomial(1, 1.0 - p, x.shape)
        scaled[kept == 0] = 0
        return scaled

    return run


def _init(self, p=0.5, rng=None):
    p = float(p)
    if not 0.0 <= p < 1.0:
        raise ValueError("p outside [0, 1)")
    self.p = p
    self.training = True
    self._run = _kernel(p, np.random.default_rng(rng)) if p else (lambda x: x)


def _train(self, mode=True):
    self.training = mode
    return self


VarianceStabilizedDropout = type(
    "VarianceStabilizedDropout",
    (),
    {
        "__init__": _init,
        "__doc__": "y = m * x / sqrt(1 - p)",
        "train": _train,
        "eval": lambda self: _train(self, False),
        "forward": lambda self, x: self._run(x) if self.training else x,
        "__call__": lambda self, x: self.forward(x),
    },
)
