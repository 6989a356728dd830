"""Retention and erasure 保存期限与删除: what is kept for how long, and what goes at request."""
