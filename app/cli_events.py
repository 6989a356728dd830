"""hedui events: notices to case systems."""
