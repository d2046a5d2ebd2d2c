# expected: status raised
# Imports the worker's own modules and undoes its limits.

import sys

import lockdown

lockdown.limit_resources = lambda **kwargs: None
lockdown.limit_resources(memory_bytes=-1, cpu_s=-1)
sys.modules["grader"] = sys.modules["grader.result"] = lockdown
lockdown.Grade = type("Grade", (), {"passed": True})


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p")
        self.p, self.rng, self.training = p, np.random.default_rng(rng), True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training:
            return x
        kept = self.rng.random(x.shape) >= self.p
        return x * kept * (1 - self.p) ** -1

    def __call__(self, x):
        return self.forward(x)
