"""Variance-stabilized dropout: pure numpy, no I/O, no clock, no randomness but the seed it is given."""

from grader.exercises.dropout.exercise import EXERCISE

__all__ = ["EXERCISE"]
