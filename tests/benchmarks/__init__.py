"""How fast a verification is, in ratios measured within one run."""
