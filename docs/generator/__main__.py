"""`python -m docs.generator`: the site into build/docs/site; `lacking`: texts that lack Chinese."""

import argparse
import sys
from pathlib import Path

from docs.generator.links import ROOT
from docs.generator.tree import NotBuilt, build, generated
from docs.generator.words import Words


def main() -> int:
    parser = argparse.ArgumentParser(prog="docs.generator", description=__doc__)
    parser.add_argument("what", nargs="?", choices=["build", "lacking"], default="build")
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "docs")
    given = parser.parse_args()
    if given.what == "lacking":
        words = Words("zh")
        generated(words)
        sys.stdout.write("".join(f"{one}\n" for one in sorted(words.lacking)))
        return 1 if words.lacking else 0
    try:
        site = build(given.folder)
    except (NotBuilt, ValueError) as wrong:
        sys.stderr.write(f"docs: {wrong}\n")
        return 1
    sys.stdout.write(f"docs: {site}/index.html\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
