"""numpy's and Python's global random states, which all forks of one process share until they are seeded."""

import random

import numpy as np

DIFFERS = True


def attempt():
    return f"{random.random():.6f} {np.random.rand():.6f}"
