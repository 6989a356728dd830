"""Sources as fast as can be: raw HTTP with prebuilt replies, for any person, after a fixed time."""
