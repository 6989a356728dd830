"""The whole site: pages written and generated, one configuration a language, built strictly."""

import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import yaml

from docs.generator import commands, configuration, facts, interface, promises
from docs.generator.links import ROOT, Page, rendered
from docs.generator.words import LANGUAGES, Words

SITE: Final = ROOT / "docs" / "site"
ORDER: Final = SITE / "order.yaml"
_FIRST: Final = SITE / "first.html"
_STYLE: Final = SITE / "site.css"
_GENERATED: Final = {
    "settings.md": configuration.settings_page,
    "sources.md": configuration.sources_page,
    "commands.md": commands.page,
    "problems.md": facts.problems_page,
    "words.md": facts.words_page,
    "review-items.md": facts.review_page,
    "metrics.md": facts.metrics_page,
    "notices.md": facts.notices_page,
    "standards.md": facts.standards_page,
    "promises.md": promises.page,
}


class NotBuilt(Exception):  # noqa: N818 - what the site's own check says
    """A page or a link is wrong; the message says where."""


def order() -> Mapping[str, Any]:
    """The site's name and its sections, in both languages."""
    loaded: Mapping[str, Any] = yaml.safe_load(ORDER.read_text("utf-8"))
    return loaded


def generated(words: Words) -> dict[str, str]:
    """The reference pages by their path within the site."""
    made = {f"reference/{name}": page(words) for name, page in _GENERATED.items()}
    made |= {f"reference/api/{name}": text for name, text in interface.pages(words).items()}
    licences = (ROOT / "docs" / "licences.md").read_text("utf-8")
    return made | {"reference/licences.md": _licences(words, licences)}


def _licences(words: Words, english: str) -> str:
    """The list as `make licences` wrote it, under a title in the page's language."""
    _, _, table = english.partition("| part |")
    title = words.own("Licences of what hedui stands on", "hedui 所用部件的许可证")
    return f"# {title}\n\n| part |{table}"


def written(language: str) -> list[Path]:
    """The pages that people wrote, in the repository."""
    return sorted((SITE / language).rglob("*.md"))


def put_together(folder: Path, words: Words) -> Path:
    """All pages of a language below the folder; the path of its configuration."""
    top = folder / words.language / "pages"
    shutil.rmtree(top, ignore_errors=True)
    pages = SITE / words.language
    for source in written(words.language):
        copy = top / source.relative_to(pages)
        _write(copy, rendered(Page(source, copy, pages, top)))
    shutil.copyfile(_STYLE, top / _STYLE.name)
    for name, text in generated(words).items():
        _write(top / name, text)
    path = folder / words.language / "mkdocs.yml"
    text = yaml.safe_dump(_configuration(words.language, top), allow_unicode=True, sort_keys=False)
    _write(path, text)
    return path


def build(folder: Path) -> Path:
    """The site in `folder/site`: a tree a language, and a page that leads to either.

    Raises `NotBuilt` with what is wrong.
    """
    paths = [put_together(folder, Words(one)) for one in LANGUAGES]
    site = folder / "site"
    shutil.rmtree(site, ignore_errors=True)
    site.mkdir()
    with ThreadPoolExecutor(len(paths)) as both:
        list(both.map(run_zensical, paths))
    for path in paths:  # each was built in a folder of its own: builds share a cache by folder
        (path.parent / "site").rename(site / path.parent.name)
    shutil.copyfile(_FIRST, site / "index.html")
    return site


def run_zensical(path: Path) -> None:
    """Build what a configuration says. A warning is an error: raises `NotBuilt` with it."""
    command = [sys.executable, "-m", "zensical", "build", "--strict", "--clean", "-f", path.name]
    done = subprocess.run(  # noqa: S603 - our own arguments
        command, cwd=path.parent, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise NotBuilt(f"{path.parent.name}:\n{done.stdout[-4000:]}{done.stderr[-2000:]}")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def _configuration(language: str, top: Path) -> dict[str, Any]:
    whole = order()
    return {
        "site_name": whole["name"][language],
        "docs_dir": "pages",
        "site_dir": "site",
        "use_directory_urls": False,
        "theme": {
            "language": language,
            "font": False,
            "custom_dir": str(SITE / "theme"),
            "features": ["navigation.sections", "navigation.top", "content.code.copy"],
        },
        "extra_css": [_STYLE.name],
        "extra": {
            "generator": False,
            "alternate": [
                {"name": "中文", "link": "../zh/", "lang": "zh"},
                {"name": "English", "link": "../en/", "lang": "en"},
            ],
        },
        "markdown_extensions": [
            "admonition",
            "attr_list",
            "tables",
            {"toc": {"permalink": True, "toc_depth": 3}},
            "pymdownx.superfences",
            "pymdownx.highlight",
        ],
        "nav": list(_nav(whole, language, top)),
    }


def _nav(whole: Mapping[str, Any], language: str, top: Path) -> Iterator[Any]:
    yield "index.md"
    for section in whole["sections"]:
        pages = list(section["pages"])
        if section.get("interface"):
            api = sorted(path.name for path in (top / "reference" / "api").glob("*.md"))
            names = [f"reference/api/{one}" for one in api if one != interface.INDEX]
            entry = {section["interface"][language]: ["reference/api/index.md", *names]}
            pages = [entry, *pages]
        yield {section[language]: pages}
