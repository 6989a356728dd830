"""hedui doctor: what keeps the service from working."""
