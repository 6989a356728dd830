"""The built site: every link and anchor holds, and nothing of it is fetched from elsewhere."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from lxml import etree, html

from docs.generator.tree import NotBuilt, build
from docs.generator.words import LANGUAGES

FETCHED = ("//script/@src", "//img/@src", "//link[@rel!='canonical']/@href", "//source/@src")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    try:
        return build(tmp_path_factory.mktemp("docs"))
    except NotBuilt as wrong:
        pytest.fail(str(wrong))


@cache
def parsed(path: Path) -> etree._Element:
    return html.fromstring(path.read_bytes())


def found(path: Path, query: str) -> Iterator[str]:
    yield from map(str, parsed(path).xpath(query))


def leads(path: Path, link: str) -> bool:
    """Whether there is such a file beside the page, and such an anchor in it."""
    parts = urlsplit(link)
    there = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if not there.is_file():
        return False
    anchor = unquote(parts.fragment)
    return not anchor or bool(parsed(there).xpath("//*[@id=$id or @name=$id]", id=anchor))


def test_a_site_of_both_languages_without_a_dead_link_or_a_foreign_part(site: Path) -> None:
    pages = sorted(site.rglob("*.html"))
    assert {page.relative_to(site).parts[0] for page in pages} == {*LANGUAGES, "index.html"}
    foreign, dead, unreadable = [], [], []
    for page in pages:
        if page.name == "404.html":
            continue  # it is shown at any address
        for query in FETCHED:
            foreign += [f"{page}: {one}" for one in found(page, query) if not leads(page, one)]
        for link in found(page, "//a/@href"):
            parts = urlsplit(link)
            if parts.scheme in ("http", "https"):
                unreadable += [] if parts.hostname else [link]
            elif not parts.scheme and not leads(page, link):
                dead.append(f"{page.relative_to(site)}: {link}")
    assert (foreign, dead, unreadable) == ([], [], [])


def test_each_page_leads_to_itself_in_the_other_language(site: Path) -> None:
    for page in ("index.html", "how-to/rosters.html", "reference/api/batches.html"):
        for language in LANGUAGES:
            links = set(found(site / language / page, "//a[@hreflang]/@href"))
            there = {(site / language / page).parent.joinpath(one).resolve() for one in links}
            assert there == {(site / one / page).resolve() for one in LANGUAGES}


def test_a_page_that_lost_its_target_is_not_built(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Zensical's own check is on: a link into nothing ends the build."""
    from docs.generator import tree

    one = tmp_path / "pages" / "en" / "index.md"
    one.parent.mkdir(parents=True)
    one.write_text("# Home\n\n[gone](gone.md)\n", "utf-8")
    configuration = tmp_path / "en.yml"
    configuration.write_text("site_name: x\ndocs_dir: pages/en\nsite_dir: site\n", "utf-8")
    with pytest.raises(NotBuilt, match="page does not exist"):
        tree._run(configuration)
