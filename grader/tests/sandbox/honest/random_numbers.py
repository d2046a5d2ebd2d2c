"""Random numbers that no other child has drawn."""

import os
import random

import numpy as np

DIFFERS = True


def attempt():
    return f"{np.random.random():.5f} {np.random.default_rng().random():.5f} {random.Random().random():.5f} {os.urandom(4).hex()}"
