"""Exercises: what one owes (``interface``), and one folder for each."""
