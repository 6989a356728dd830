"""The whole service against made-up sources."""
