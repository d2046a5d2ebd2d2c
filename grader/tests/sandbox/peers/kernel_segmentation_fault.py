"""Reads where there is no memory."""

MEANS = ("kernel died in cell 1",)

import ctypes

ctypes.string_at(0)
