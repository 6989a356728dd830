"""zh-CN and English: the text in the templates is Chinese, the catalogues hold the English of it.

One catalogue (gettext .po) a part of the UI, in `locales/en`; all are one at run time.
"""

# ruff: noqa: N802 - N_ is gettext's name
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Final

from babel.messages.pofile import read_po

LANGUAGES: Final = ("zh", "en")
TAGS: Final = {"zh": "zh-CN", "en": "en"}
"""By language, what `lang` of a page says."""
_CATALOGUES: Final = Path(__file__).parent / "locales" / "en"


@lru_cache(maxsize=1)
def english() -> dict[str, str]:
    """The English of every text, by the Chinese."""
    words: dict[str, str] = {}
    for path in sorted(_CATALOGUES.glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file):
                if message.id and isinstance(message.string, str) and message.string:
                    words[str(message.id)] = message.string
    return words


def N_(text: str) -> str:
    """Marks a text that a template translates later."""
    return text


def translator(language: str) -> Callable[..., str]:
    """`_(text, **values)`: the text in the language, with `%(name)s` filled in.

    What has no English is shown in Chinese: better than nothing, and a test names it.
    """
    words = english() if language == "en" else {}

    def translate(text: str, **values: object) -> str:
        said = words.get(text, text)
        return said % values if values else said

    return translate
