"""Revisions of the database's schema."""
