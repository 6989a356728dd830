"""CPU time of processes that cannot be asked: read from /proc, in seconds."""

import os
from collections import defaultdict
from pathlib import Path
from typing import Final

_TICKS: Final = os.sysconf("SC_CLK_TCK")
_PROC: Final = Path("/proc")


def tree_cpu(pid: int) -> float:
    """Of the process, of all that it has waited for, and of all that descend from it now."""
    children: dict[int, list[int]] = defaultdict(list)
    used: dict[int, int] = {}
    for folder in _PROC.iterdir():
        if folder.name.isdecimal():
            read = _stat(int(folder.name))
            if read is not None:
                parent, used[int(folder.name)] = read
                children[parent].append(int(folder.name))
    left, total = [pid], 0
    while left:
        one = left.pop()
        total += used.get(one, 0)
        left += children[one]
    return total / _TICKS


def peak_memory(pid: int) -> int:
    """Bytes of the process at its largest; 0 where it is gone."""
    try:
        text = (_PROC / str(pid) / "status").read_text()
    except OSError:
        return 0
    line = next((one for one in text.splitlines() if one.startswith("VmHWM")), "0 0")
    return int(line.split()[1]) * 1024


def _stat(pid: int) -> tuple[int, int] | None:
    """The parent, and ticks in user and system mode with those of ended children."""
    try:
        text = (_PROC / str(pid) / "stat").read_text()
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()
    return int(fields[1]), sum(int(one) for one in fields[11:15])
