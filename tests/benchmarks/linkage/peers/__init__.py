"""The other tools, each run as a process: reads two files, writes the pairs it scored.

Only here are pandas, DuckDB, Splink and recordlinkage imported.
"""
