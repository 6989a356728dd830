"""Two whole files of people linked in columns: read, encode, block, compare, train, write."""
