"""Housing fund 住房公积金: accounts, read from a view in the source's own database."""
