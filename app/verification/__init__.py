"""The flow: plan → query → match → merge → score → decide → persist."""
