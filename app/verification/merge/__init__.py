"""The profile: accepted records merged into income, assets, composition, totals and findings."""
