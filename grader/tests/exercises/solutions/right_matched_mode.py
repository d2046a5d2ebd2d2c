# expected: correct
# Modes as an Enum and a match statement, the mask multiplied in row-major order.

import enum


class Mode(enum.Enum):
    TRAINING = True
    EVALUATION = False


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p")
        self.p, self.rng, self.mode = p, np.random.default_rng(rng), Mode.TRAINING

    training = property(lambda self: self.mode.value, lambda self, value: self.train(value))

    def train(self, mode=True):
        self.mode = Mode(mode)
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        match self.mode:
            case Mode.EVALUATION:
                return x
            case Mode.TRAINING:
                keep = self.rng.random(x.size).reshape(x.shape) >= self.p
                return np.ascontiguousarray(x) * keep * np.emath.sqrt(1 / (1 - self.p)).astype(x.dtype)

    def __call__(self, x):
        return self.forward(x)
