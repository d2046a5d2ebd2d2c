"""The memory of a process that judges."""

from __future__ import annotations

import os
from contextlib import suppress

import numpy as np

KEPT_BYTES, M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = 31 << 20, -1, -3  # malloc.h's numbers


def keep_freed_memory() -> None:
    """glibc gives large freed blocks back to the kernel, and the page faults of having them again cost more than the
    checks. From now on it keeps blocks as large as the largest it has seen freed, 32 MiB at most: so it is shown one.
    Nothing is touched; elsewhere nothing happens. Where a limit is set, as by Dask's nannies, it has to be told."""
    np.empty(KEPT_BYTES, np.uint8)
    if "MALLOC_TRIM_THRESHOLD_" in os.environ:
        import ctypes

        with suppress(AttributeError):  # another C library
            ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, KEPT_BYTES)
            ctypes.CDLL(None).mallopt(M_TRIM_THRESHOLD, 2 * KEPT_BYTES)
