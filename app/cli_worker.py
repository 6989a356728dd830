"""hedui worker: a process that works on batches."""
