"""Programme standards 救助标准: dated values and tests, held against a household's totals."""
