"""The service: composes sources and matching into verifications."""
