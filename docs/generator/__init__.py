"""Makes the documentation site: pages from the code, pages that are written, in both languages."""
