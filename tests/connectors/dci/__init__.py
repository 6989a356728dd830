"""The wire of DCI."""
