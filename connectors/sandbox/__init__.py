"""A made-up county behind the ten wire formats; shares no code with the source folders."""
