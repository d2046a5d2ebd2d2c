"""Names of layers, as they stand in people's code."""

from __future__ import annotations

import random

PLACES = ("Attention", "Block", "Branch", "Channel", "Decoder", "Embedding", "Encoder", "Feature", "Gate", "Head")
MORE = ("Hidden", "Input", "Mixer", "Output", "Patch", "Pooling", "Query", "Residual", "Stem", "Token", "Value")
KINDS = ("Drop", "Dropout", "Masking", "Noise", "Thinning")


def class_names(dice: random.Random, count: int) -> list[str]:
    """So many, no two of them the same."""
    return dice.sample([f"{place}{kind}" for place in (*PLACES, *MORE) for kind in KINDS], count)
