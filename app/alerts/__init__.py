"""What changed since the last accepted snapshot, and the alerts 预警 that follow."""
