"""The fenced blocks and headings of a written page, as tests read them.

A block whose info says `test` is run: `python` and `sh` as they stand, and with a file's name after
it, what the block holds is that file.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from docs.generator.tree import SITE

_FENCE: Final = re.compile(
    r"^```(\w+)(?: (test)(?: (\S+))?)?\n(.*?)^```$", re.MULTILINE | re.DOTALL
)
_ANY: Final = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_HEADING: Final = re.compile(r"^(#+) ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block; `name`: the file that it is, or what it is otherwise."""

    language: str
    tested: bool
    name: str
    text: str

    def commands(self) -> Iterator[str]:
        """The commands of a shell block, without `hedui`."""
        for line in self.text.replace("\\\n", " ").splitlines():
            assert line.startswith("hedui "), f"only hedui's own commands are run: {line}"
            yield line.removeprefix("hedui ")


def pages(language: str) -> dict[str, str]:
    """The texts of all written pages by their path within the language."""
    folder = SITE / language
    return {_name(path, folder): path.read_text("utf-8") for path in sorted(folder.rglob("*.md"))}


def blocks(text: str) -> list[Block]:
    found = _FENCE.findall(text)
    assert len(found) == len(_ANY.findall(text)), "a fence without a language, or not closed"
    return [Block(language, bool(test), name, body) for language, test, name, body in found]


def levels(text: str) -> list[int]:
    """The levels of the headings in their order."""
    return [len(marks) for marks in _HEADING.findall(_ANY.sub("", text))]


def _name(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()
