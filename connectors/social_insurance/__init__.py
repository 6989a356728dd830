"""Social insurance 社会保险: contributions and benefits, by jobs that are submitted and polled."""
