"""The sources: how each is asked and what its replies mean in our vocabulary."""
