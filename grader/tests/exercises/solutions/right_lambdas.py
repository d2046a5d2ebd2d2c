# expected: correct
# Methods written as lambdas.


def _make(self, p=0.5, rng=None):
    if not 0 <= p < 1:
        raise ValueError(p)
    vars(self).update(p=p, rng=np.random.default_rng(rng), training=True)


class VarianceStabilizedDropout:
    __init__ = _make
    train = lambda self, mode=True: (setattr(self, "training", mode), self)[1]  # noqa: E731
    eval = lambda self: self.train(False)  # noqa: E731
    mask = lambda self, x: self.rng.random(x.shape) >= self.p  # noqa: E731
    forward = lambda self, x: x * self.mask(x) / (1 - self.p) ** 0.5 if self.training else x  # noqa: E731
    __call__ = lambda self, x: self.forward(x)  # noqa: E731
