"""How fast: every row of assets/BENCHMARKS.md, as ratios measured in one run."""
