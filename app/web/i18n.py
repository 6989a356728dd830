"""zh-CN and English: the text in the templates is Chinese, the catalogues hold the English of it.

One catalogue (gettext .po) a part of the UI, in `locales/en`; all are one at run time.
"""

# ruff: noqa: N802 - N_ is gettext's name
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

from babel.messages.pofile import read_po

LANGUAGES: Final = ("zh", "en")
TAGS: Final = {"zh": "zh-CN", "en": "en"}
"""By language, what `lang` of a page says."""
_CATALOGUES: Final = Path(__file__).parent / "locales" / "en"


_OF_PART: Final[Mapping[str, tuple[str, ...]]] = {
    "audit": ("figures",),
    "cases": ("cases",),
    "desk": ("desk",),
    "manual": ("objections",),
    "objections": ("objections",),
    "readings": ("objections",),
    "report": ("report",),
    "review": ("kinds", "review"),
    "staff": ("figures",),
    "stats": ("figures",),
}
"""By the folder of a page's template: the catalogues that go before all others, the last first."""


@lru_cache(maxsize=32)
def english(part: str = "") -> Mapping[str, str]:
    """The English of every text, by the Chinese; one word may be another one in another part."""
    own = _OF_PART.get(part, ())
    names = sorted(path.stem for path in _CATALOGUES.glob("*.po"))
    words: dict[str, str] = {}
    for name in (*(one for one in names if one not in own), *own):
        words |= _catalogue(name)
    return words


@lru_cache(maxsize=32)
def _catalogue(name: str) -> Mapping[str, str]:
    with (_CATALOGUES / f"{name}.po").open("rb") as file:
        return {
            str(message.id): message.string
            for message in read_po(file)
            if message.id and isinstance(message.string, str) and message.string
        }


def N_(text: str) -> str:
    """Marks a text that a template translates later."""
    return text


def translator(language: str, part: str = "") -> Callable[..., str]:
    """`_(text, **values)`: the text in the language, with `%(name)s` filled in.

    `part`: the folder of the page's template. What has no English is shown in Chinese: better than
    nothing, and a test names it.
    """
    words = english(part) if language == "en" else {}

    def translate(text: str, **values: object) -> str:
        said = words.get(text, text)
        return said % values if values else said

    return translate
