"""Gives each fact its chance of being wrong: what is uncertain in a profile, as variables."""
