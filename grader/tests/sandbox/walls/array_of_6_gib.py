"""Fills an array of 6 GiB."""

import numpy as np

MAY_DIE = True


def attempt():
    return f"{np.ones(6 << 27).nbytes} bytes"
