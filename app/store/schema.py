"""All tables: whoever works on every one of them takes the whole metadata from here."""

from app.store import (
    tables,
    tables_addresses,
    tables_audit,
    tables_audits,
    tables_batch,
    tables_by_hand,
    tables_clients,
    tables_consents,
    tables_erasure,
    tables_facts,
    tables_keys,
    tables_looks,
    tables_relief,
    tables_review,
    tables_running,
    tables_settled,
    tables_staff,
)
from app.store.base import metadata

__all__ = [
    "metadata",
    "tables",
    "tables_addresses",
    "tables_audit",
    "tables_audits",
    "tables_batch",
    "tables_by_hand",
    "tables_clients",
    "tables_consents",
    "tables_erasure",
    "tables_facts",
    "tables_keys",
    "tables_looks",
    "tables_relief",
    "tables_review",
    "tables_running",
    "tables_settled",
    "tables_staff",
]
