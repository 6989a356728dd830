"""Tests of the exchange of files in bulk."""
