"""The county of `desk` is a real one, and a page of it costs no more as the county grows."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from tests.benchmarks.desk import ROLE, County, Plan, Reviewer, seeds_of
from tests.new_databases import new_sqlite
from tests.service_parts import all_ten, running
from tests.staff_parts import session_of, with_roles
from tests.web import households

TABLES = ("review_item", "decision_fact", "case_assignment")
PAGES = (
    "/ui/review",
    "/ui/review?order=due",
    "/ui/cases",
    "/ui/cases?outcome=not_confirmed",
    "/ui/",
)


@contextmanager
def statements() -> Iterator[list[str]]:
    """The SQL that reads items or cases meanwhile; what else the service does is not the page's."""
    asked: list[str] = []

    def told(*given: object) -> None:
        text = str(given[2])
        if any(table in text for table in TABLES):
            asked.append(text)

    sa.event.listen(sa.Engine, "before_cursor_execute", told)
    try:
        yield asked
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", told)


async def test_more_items_are_not_more_statements(tmp_path: Path) -> None:
    """With a full page of items and with six times as many; copies are decided like any item."""
    seeds = await seeds_of(tmp_path, new_sqlite(tmp_path))
    few = seeds.grown(Plan(60, 50, 1))
    county = County(seeds.url, tmp_path, seeds.of_closed[0], few)
    async with running(tmp_path, all_ten(*households.sources()), database_url=seeds.url) as service:
        account = await with_roles(service, ROLE)
        reviewer = Reviewer(service, county, await session_of(service, account))
        counts: list[dict[str, int]] = []
        for more in (Plan(0, 0, 1), Plan(300, 300, 1)):
            seeds.grown(more, first=60)
            for page in PAGES:
                await reviewer.page(page)  # what is read once in a while is read
            counts.append({})
            for page in PAGES:
                with statements() as asked:
                    await reviewer.page(page)
                counts[-1][page] = len(asked)
        assert counts[0] == counts[1]
        assert min(counts[0].values()) > 0
        item = await reviewer.first_item("review_record")
        assert await reviewer.decided(item) != item
