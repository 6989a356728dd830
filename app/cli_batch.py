"""hedui batch: a roster through a running service."""
