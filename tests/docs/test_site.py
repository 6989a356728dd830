"""The built site: every link and anchor holds, and nothing of it is fetched from elsewhere."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from lxml import html

from docs.generator.tree import NotBuilt, build, run_zensical
from docs.generator.words import LANGUAGES

FETCHED = (
    "//script/@src",
    "//img/@src",
    "//link[@rel='stylesheet' or @rel='icon']/@href",
    "//source/@src",
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    try:
        return build(tmp_path_factory.mktemp("docs"))
    except NotBuilt as wrong:
        pytest.fail(str(wrong))


@dataclass(frozen=True, slots=True)
class Built:
    """A built page: what it fetches, where its links lead, and its anchors."""

    fetched: frozenset[str]
    links: frozenset[str]
    anchors: frozenset[str]

    @classmethod
    def read(cls, path: Path) -> "Built":
        tree = html.fromstring(path.read_bytes())
        return cls(
            fetched=frozenset(str(one) for query in FETCHED for one in tree.xpath(query)),
            links=frozenset(map(str, tree.xpath("//a/@href"))),
            anchors=frozenset(map(str, tree.xpath("//@id | //a/@name"))),
        )


def test_a_site_of_both_languages_without_a_dead_link_or_a_foreign_part(site: Path) -> None:
    files = {str(path) for path in site.rglob("*") if path.is_file()}
    pages = {name: Built.read(Path(name)) for name in files if name.endswith(".html")}
    assert {Path(name).relative_to(site).parts[0] for name in pages} == {*LANGUAGES, "index.html"}

    def leads(page: str, link: str) -> bool:
        """Whether there is such a file, and such an anchor in it."""
        path, _, anchor = unquote(link).partition("#")
        there = urljoin(page, path)
        return there in files and (not anchor or anchor in pages[there].anchors)

    foreign, dead = [], []
    for name, page in pages.items():
        if name.endswith("404.html"):
            continue  # it is shown at any address
        foreign += [f"{name}: {one}" for one in page.fetched if not leads(name, one)]
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme:
                assert parts.scheme in ("http", "https"), link
                assert parts.hostname, link
            elif not leads(name, link):
                dead.append(f"{name}: {link}")
    assert (foreign, dead) == ([], [])


def test_each_page_leads_to_itself_in_the_other_language(site: Path) -> None:
    for page in ("index.html", "how-to/rosters.html", "reference/api/batches.html"):
        for language in LANGUAGES:
            tree = html.fromstring((site / language / page).read_bytes())
            links = map(str, tree.xpath("//a[@hreflang]/@href"))
            there = {(site / language / page).parent.joinpath(one).resolve() for one in links}
            assert there == {(site / one / page).resolve() for one in LANGUAGES}


def test_a_page_that_lost_its_target_is_not_built(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Zensical's own check is on: a link into nothing ends the build."""
    one = tmp_path / "pages" / "en" / "index.md"
    one.parent.mkdir(parents=True)
    one.write_text("# Home\n\n[gone](gone.md)\n", "utf-8")
    configuration = tmp_path / "en.yml"
    configuration.write_text("site_name: x\ndocs_dir: pages/en\nsite_dir: site\n", "utf-8")
    with pytest.raises(NotBuilt, match="page does not exist"):
        run_zensical(configuration)
