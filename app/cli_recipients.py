"""hedui recipients and reverify."""
