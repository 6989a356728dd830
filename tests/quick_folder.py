"""Where tests keep their files: in memory, where the machine has room for them there."""

import os
import shutil
from pathlib import Path

_MEMORY = Path("/dev/shm")  # noqa: S108 - folders of one's own are made in it
_ROOM = 4 * 2**30  # bytes; what a test leaves goes when it has passed (pyproject.toml)


def quick_folder() -> str | None:
    """A folder that needs no disk; None: the usual one for what is temporary.

    What a process wrote survives its end there as on a disk, and not the machine's.
    """
    if not os.access(_MEMORY, os.W_OK) or shutil.disk_usage(_MEMORY).free < _ROOM:
        return None
    return str(_MEMORY)
