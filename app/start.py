"""`hedui`, and a worker of its own: loaded, then run.

Loading makes very many objects, and all of them stay. To look among them for what is not needed
any more finds nothing: it took a quarter of the start, and made each full look later on longer.
"""

import gc
from importlib import import_module


def main() -> None:
    """The command line."""
    _run("app.cli")


def worker() -> None:
    """`hedui worker`, without the other commands."""
    _run("app.cli_worker")


def _run(module: str) -> None:
    gc.disable()
    loaded = import_module(module)
    gc.freeze()
    gc.enable()
    try:
        loaded.main()
    finally:
        gc.unfreeze()  # libraries count at the end what was not given back


if __name__ == "__main__":
    main()
