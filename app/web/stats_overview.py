"""What was asked for and what came of it: verifications, outcomes, sources, time taken."""

from collections.abc import Callable, Sequence
from typing import Any

from markupsafe import Markup

from app.web.charts_figures import Bar, bars
from app.web.figures_tables import Head, Table
from app.web.figures_words import Said
from app.web.inner import Inner
from app.web.stats_asked import Asked


async def tables(api: Inner, asked: Asked, said: Said) -> list[Table]:
    outcomes = await api.get("/v1/statistics/outcomes", **asked.params(by=asked.by))
    verified = await api.get("/v1/statistics/verifications", **asked.params(by=asked.by))
    given = {**asked.params(by="source"), "programme": None}
    sources = await api.get("/v1/statistics/sources", **given)
    return [_outcomes(outcomes, said), _verified(verified, said), _sources(sources, said)]


def first_head(by: str | None, said: Said) -> Head:
    words = {"region": said("地区"), "programme": said("项目"), "source": said("来源")}
    return Head(words.get(by or "", said("月份")))


Cells = Callable[[Any], list[str]]
Drawn = Callable[[Any], tuple[tuple[tuple[str, int], ...], str]]
"""The parts of a row's bar, each with its class, and what stands beside it."""


def _filled(
    found: Any, said: Said, columns: int, cells: Cells, drawn: Drawn
) -> tuple[list[list[str]], list[Bar]]:
    """A line of cells a row, the whole last, and a bar a row; of too few people neither is told."""

    def line(label: str, values: Any) -> list[str]:
        if values is None:
            return [label, said("少于 5，不显示"), *[""] * (columns - 2)]
        return [label, *cells(values)]

    named = [(said.code(one["key"]), one["values"]) for one in found["rows"]]
    lines = [line(label, values) for label, values in named]
    shown = [Bar(label, *drawn(values)) for label, values in named if values is not None]
    return [*lines, line(said("合计"), found["total"])], shown


def _chart(label: str, drawn: Sequence[Bar]) -> Markup:
    """Bars, and in a sentence what they show."""
    return bars(drawn, label=label + "；".join(f"{one.label} {one.words}" for one in drawn))


def _outcomes(found: Any, said: Said) -> Table:
    def counts(one: Any) -> list[int]:
        return [one["confirmed"], one["not_confirmed"], one["undetermined"]]

    def cells(one: Any) -> list[str]:
        rate = one["not_confirmed_rate"]
        shown = said.share(rate) if rate is not None else said.f.unknown
        return [str(one["decisions"]), *map(str, counts(one)), shown, str(one["stopped"])]

    def drawn(one: Any) -> tuple[tuple[tuple[str, int], ...], str]:
        parts = tuple(zip(("ok", "bad", "c3"), counts(one), strict=True))
        return parts, " / ".join(map(str, counts(one)))

    rows, shown = _filled(found, said, 7, cells, drawn)
    return Table(
        name="outcomes",
        title=said("认定建议"),
        heads=(
            first_head(found["by"], said),
            Head(said("认定数"), is_number=True),
            Head(said("符合"), is_number=True),
            Head(said("不符合"), is_number=True),
            Head(said("证据不足"), is_number=True),
            Head(said("不符合率"), is_number=True),
            Head(said("曾符合现不符合"), is_number=True),
        ),
        rows=rows,
        note=said("图中依次为符合、不符合、证据不足。"),
        chart=_chart(said("认定建议（符合、不符合、证据不足）："), shown),
        empty=said("这段时间没有认定。"),
    )


def _verified(found: Any, said: Said) -> Table:
    def cells(one: Any) -> list[str]:
        return [
            str(one["requested"]),
            str(one["person_times"]),
            said.number(one["different_households"]),
            str(one["reports"]),
            str(one["cancelled"]),
        ]

    def drawn(one: Any) -> tuple[tuple[tuple[str, int], ...], str]:
        return (("m1", one["requested"]),), str(one["requested"])

    rows, shown = _filled(found, said, 6, cells, drawn)
    return Table(
        name="verifications",
        title=said("核对委托"),
        heads=(
            first_head(found["by"], said),
            Head(said("委托"), is_number=True),
            Head(said("人次"), is_number=True),
            Head(said("户数"), is_number=True),
            Head(said("报告"), is_number=True),
            Head(said("取消"), is_number=True),
        ),
        rows=rows,
        chart=_chart(said("核对委托："), shown),
        empty=said("这段时间没有委托。"),
    )


def _sources(found: Any, said: Said) -> Table:
    def cells(one: Any) -> list[str]:
        rate, found_in = one["answer_rate"], one["detection_rate"]
        seconds = one["mean_seconds"]
        return [
            str(one["asked"]),
            str(one["answered"]),
            str(one["no_record"]),
            str(one["failed"]),
            said.share(rate) if rate is not None else said.f.unknown,
            said.share(found_in) if found_in is not None else said.f.unknown,
            said.f.unknown if seconds is None else f"{seconds:,.1f}",
        ]

    def drawn(one: Any) -> tuple[tuple[tuple[str, int], ...], str]:
        parts = (("m1", one["answered"]), ("m2", one["no_record"]), ("bad", one["failed"]))
        return parts, f"{one['answered']} / {one['no_record']} / {one['failed']}"

    rows, shown = _filled(found, said, 8, cells, drawn)
    return Table(
        name="sources",
        title=said("数据源答复"),
        heads=(
            first_head("source", said),
            Head(said("查询人次"), is_number=True),
            Head(said("有记录"), is_number=True),
            Head(said("无记录"), is_number=True),
            Head(said("失败"), is_number=True),
            Head(said("答复率"), is_number=True),
            Head(said("检出率"), is_number=True),
            Head(said("平均秒数"), is_number=True),
        ),
        rows=rows,
        note=said("图中依次为有记录、无记录、失败。"),
        chart=_chart(said("数据源答复（有记录、无记录、失败）："), shown),
        empty=said("这段时间没有查询。"),
    )
