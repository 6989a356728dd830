"""How sources are reached: deadlines, size limits, rates and repeats, the same for all."""
