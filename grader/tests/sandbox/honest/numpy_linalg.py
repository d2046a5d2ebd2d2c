"""Linear algebra, Fourier transforms and 400 MB of numbers."""

import numpy as np


def attempt():
    rng = np.random.default_rng(1)
    a = rng.standard_normal((300, 300))
    close = np.allclose(a @ np.linalg.solve(a, np.eye(300)), np.eye(300))
    many = np.ones(50_000_000)
    return "solved" if close and np.allclose(np.fft.ifft(np.fft.fft(a)).real, a) and many.sum() == many.size else ""
