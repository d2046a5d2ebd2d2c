# expected: correct
# Coroutines that nobody awaits, left over from another project.

import asyncio


class VarianceStabilizedDropout:
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError("invalid p")
        self.p, self.rng, self.training = p, np.random.default_rng(rng), True

    async def forward_async(self, x):
        await asyncio.sleep(0)
        return self.forward(x)

    async def __aenter__(self):
        return self.train()

    async def __aexit__(self, *problem):
        self.eval()

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def forward(self, x):
        if not self.training:
            return x
        q = 1.0 - self.p
        return np.where(self.rng.random(x.shape) < q, x / q**0.5, 0).astype(x.dtype)

    def __call__(self, x):
        return self.forward(x)


layer = asyncio.run(asyncio.sleep(0, result=VarianceStabilizedDropout))
