"""Work without a caller waiting: durable runs, polling, notices."""
