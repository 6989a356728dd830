"""The audit trail 审计: what was done, by whom, in an order that nobody can bend unseen."""
