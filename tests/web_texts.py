"""All texts of the UI, as the templates and modules have them; which of them lack English.

`python -m tests.web_texts` prints those, ready for a catalogue in app/web/locales/en.
"""

import re
from pathlib import Path
from typing import Final

from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir

from app.web.i18n import english

WEB: Final = Path(__file__).parents[1] / "app" / "web"
_CHINESE: Final = re.compile(r"[\u3400-\u9fff]")
_CODE: Final = re.compile(r"\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_KEYWORDS: Final = {**DEFAULT_KEYWORDS, "said": None}
_METHODS: Final = [("templates/**.html", "jinja2"), ("**.py", "python")]


def texts() -> dict[str, str]:
    """By text, where it stands."""
    found: dict[str, str] = {}
    for name, line, message, _, _ in extract_from_dir(
        WEB,
        method_map=_METHODS,
        keywords=_KEYWORDS,
        options_map={"templates/**.html": {"trimmed": "false"}},
    ):
        text = message if isinstance(message, str) else message[0]
        found.setdefault(text, f"{name}:{line}")
    return found


def lacking() -> dict[str, str]:
    """Texts without English, and where each stands."""
    known = english()
    return {text: where for text, where in texts().items() if text not in known}


def loose() -> list[str]:
    """Chinese in templates that is in no `_()`: `file:line`. The names of languages are."""
    found = []
    for path in sorted((WEB / "templates").rglob("*.html")):
        text = re.sub(
            r"\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}", _blank, path.read_text("utf-8"), flags=re.S
        )
        for number, line in enumerate(text.splitlines(), 1):
            if _CHINESE.search(line.replace("中文", "")):
                found.append(f"{path.name}:{number}")
    return found


def _blank(match: "re.Match[str]") -> str:
    return "\n" * match[0].count("\n")


if __name__ == "__main__":
    for text, where in sorted(lacking().items(), key=lambda one: one[1]):
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        print(f'#: {where}\nmsgid "{escaped}"\nmsgstr ""\n')  # noqa: T201
    print("\n".join(f"# not in _(): {where}" for where in loose()))  # noqa: T201
