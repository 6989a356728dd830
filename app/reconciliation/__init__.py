"""Reconciliation of rosters 名册比对 (Reconciliation Service API 0.2) on the matcher."""
