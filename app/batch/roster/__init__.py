"""Rosters 名册: files with one person a row, read into households.

What is parsed is parsed in a child process with limits of its own (`child`): format and encoding
are found out by the content, every row is put down in a spool, and the rows of a case come out
together wherever in the file they stood. The parent makes requests of them (`households`).

2026-11: workbooks are read row by row with lxml. python-calamine keeps every cell of a sheet: 224
MB for 200,000 rows, 1.1 GB for a million, where 300 MB are allowed.
"""
