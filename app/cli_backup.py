"""hedui backup and restore."""
