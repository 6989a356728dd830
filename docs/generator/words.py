"""The Chinese of what the code says in English, by the English: `docs/site/reference.zh.po`."""

import inspect
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

from babel.messages.pofile import read_po

LANGUAGES: Final = ("en", "zh")
CATALOGUE: Final = Path(__file__).parents[1] / "site" / "reference.zh.po"


@cache
def chinese() -> dict[str, str]:
    """Chinese by English; texts that are not translated yet are not in it."""
    with CATALOGUE.open("rb") as file:
        return {
            str(one.id): str(one.string)
            for one in read_po(file, locale="zh")
            if one.id and one.string
        }


@dataclass(frozen=True)
class Words:
    """One language; `lacking` gathers the texts that were asked for and have no Chinese."""

    language: str
    lacking: set[str] = field(default_factory=set)

    def __call__(self, text: str) -> str:
        """The text in this language; English where there is no Chinese of it."""
        plain = one_line(text)
        if self.language == "en" or not plain:
            return plain
        found = chinese().get(plain)
        if found is None:
            self.lacking.add(plain)
        return found or plain

    def own(self, english: str, chinese: str) -> str:
        """A word of the generator's own, which stands in both languages where it is used."""
        return chinese if self.language == "zh" else english


def one_line(text: str) -> str:
    """A docstring or a help text as one line."""
    return " ".join(inspect.cleandoc(text).split())
