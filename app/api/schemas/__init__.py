"""Wire models of the REST interface."""
