"""Runs a tool in a process of its own: its wall time and the peak memory of its process tree."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

EVERY: Final = 0.05  # seconds between looks at the memory
SHOWN: Final = 600  # characters of what a failed process said


class ToolFailed(RuntimeError):  # noqa: N818 - says what it is
    """A measured process ended with another status than 0."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of wall time, and bytes of resident memory of all its processes at once."""

    seconds: float
    peak_bytes: int


def run_measured(command: Sequence[str]) -> Cost:
    """Run to the end; raises ToolFailed with the last words of a process that failed."""
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT)
        peak = 0
        while process.poll() is None:
            peak = max(peak, _resident(process.pid))
            time.sleep(EVERY)
        seconds = time.perf_counter() - began
        if process.returncode != 0:
            said.seek(0)
            raise ToolFailed(f"status {process.returncode}: {said.read()[-SHOWN:]}")
        return Cost(seconds, peak)


def _resident(pid: int) -> int:
    try:
        root = psutil.Process(pid)
        return sum(_own(each) for each in (root, *root.children(recursive=True)))
    except psutil.NoSuchProcess:
        return 0  # ended between two looks


def _own(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0  # a child that ended between two looks


def module(name: str, *arguments: str | Path) -> list[str]:
    """The command that runs a module with this Python."""
    return [sys.executable, "-m", name, *(str(each) for each in arguments)]
