"""Many households at once: rosters 名册, units of work, files exchanged in bulk."""
