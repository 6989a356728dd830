"""`hedui link` beside other record-linkage tools on registers of its own making, in one run."""
