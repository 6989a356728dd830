"""All SQL of the service: tables and queries of one noun together."""
