# expected: passes
# Subclass of an abstract base, `training` is a property with a setter, MT19937 seeded from the given source.
import abc
from math import sqrt as wurzel


class _Layer(abc.ABC):
    _flag = True

    @property
    def training(self):
        return self._flag

    @training.setter
    def training(self, value):
        self._flag = value

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def __call__(self, x):
        return self.forward(x)

    @abc.abstractmethod
    def forward(self, x): ...


class _Masked(_Layer):
    def forward(self, x):
        return self._masked(x) if self.training else np.array(x, copy=True)


class VarianceStabilizedDropout(_Masked):
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p")
        super().__init__()
        self.p = float(p)
        seed = np.random.default_rng(rng).integers(0, 2**32, size=8)
        self._gen = np.random.Generator(np.random.MT19937([int(k) for k in seed]))
        self._gain = 1 / wurzel(1 - self.p)

    def _masked(self, x):
        y = x * self._gain if self.p else x.copy()
        np.copyto(y, 0, where=self._gen.random(y.shape) < self.p)
        return y
