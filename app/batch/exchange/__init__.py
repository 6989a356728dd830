"""Sources asked about thousands of persons by one file or inquiry: written, awaited, read."""
