# expected: status timed_out
# The cell never ends.


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        self.p, self.scale = p, (1 - p) ** -0.5


while VarianceStabilizedDropout(0.3).scale > 1:
    pass
