# expected: fails
# R6: 4-D inputs get one coin per channel (spatial dropout), so elements of one feature map are dropped together.
import numpy as np


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("p must be in [0, 1)")
        self.p = float(p)
        self.rng = np.random.default_rng(rng)
        self.training = True

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        self.training = False
        return self

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        # images: drop whole feature maps, as usual for convolutional nets
        mask_shape = x.shape[:2] + (1, 1) if x.ndim == 4 else x.shape
        keep = self.rng.random(mask_shape) >= self.p
        s = float(1.0 / np.sqrt(1.0 - self.p))
        return np.where(keep, x * s, 0).astype(x.dtype)

    def __call__(self, x):
        return self.forward(x)
