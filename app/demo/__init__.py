"""The demo: a made-up county behind the ten wire formats, with an office at work on it."""

from app.demo.running import Plan, SandboxPlan, made_up, run, run_sources
from app.demo.service import (
    Refused,
    Remote,
    Running,
    add_client,
    free_port,
    write_settings,
    write_sources,
)

__all__ = [
    "Plan",
    "Refused",
    "Remote",
    "Running",
    "SandboxPlan",
    "add_client",
    "free_port",
    "made_up",
    "run",
    "run_sources",
    "write_settings",
    "write_sources",
]
