"""What was asked for and what came of it: verifications, outcomes, sources, time taken."""

from typing import Any

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


def rows_of(found: Any, said: Said) -> list[tuple[str, Any]]:
    """Label and values of each row; the whole comes last."""
    rows = [(said.code(one["key"]), one["values"]) for one in found["rows"]]
    return [*rows, (said("合计"), found["total"])]


def _row(label: str, values: Any, said: Said, cells: list[str], columns: int) -> list[str]:
    if values is None:
        return [label, said("少于 5，不显示"), *[""] * (columns - 2)]
    return [label, *cells]


def _outcomes(found: Any, said: Said) -> Table:
    rows, drawn = [], []
    for label, one in rows_of(found, said):
        cells = []
        if one is not None:
            counts = [one["confirmed"], one["not_confirmed"], one["undetermined"]]
            rate = one["not_confirmed_rate"]
            cells = [str(one["decisions"]), *map(str, counts)]
            cells += [said.share(rate) if rate is not None else said.f.unknown]
            cells += [str(one["stopped"])]
            if label != said("合计"):
                parts = tuple(zip(("ok", "bad", "c3"), counts, strict=True))
                drawn.append(Bar(label, parts, " / ".join(map(str, counts))))
        rows.append(_row(label, one, said, cells, 7))
    told = "；".join(f"{one.label} {one.words}" for one in drawn)
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
        chart=bars(drawn, label=said("认定建议（符合、不符合、证据不足）：") + told),
        empty=said("这段时间没有认定。"),
    )


def _verified(found: Any, said: Said) -> Table:
    rows, drawn = [], []
    for label, one in rows_of(found, said):
        cells = []
        if one is not None:
            cells = [
                str(one["requested"]),
                str(one["person_times"]),
                said.number(one["different_households"]),
                str(one["reports"]),
                str(one["cancelled"]),
            ]
            if label != said("合计"):
                drawn.append(Bar(label, (("m1", one["requested"]),), str(one["requested"])))
        rows.append(_row(label, one, said, cells, 6))
    told = "；".join(f"{one.label} {one.words}" for one in drawn)
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
        chart=bars(drawn, label=said("核对委托：") + told),
        empty=said("这段时间没有委托。"),
    )


def _sources(found: Any, said: Said) -> Table:
    rows, drawn = [], []
    for label, one in rows_of(found, said):
        cells = []
        if one is not None:
            rate, found_in = one["answer_rate"], one["detection_rate"]
            seconds = one["mean_seconds"]
            cells = [
                str(one["asked"]),
                str(one["answered"]),
                str(one["no_record"]),
                str(one["failed"]),
                said.share(rate) if rate is not None else said.f.unknown,
                said.share(found_in) if found_in is not None else said.f.unknown,
                said.f.unknown if seconds is None else f"{seconds:,.1f}",
            ]
            parts = (("m1", one["answered"]), ("m2", one["no_record"]), ("bad", one["failed"]))
            if label != said("合计"):
                words = f"{one['answered']} / {one['no_record']} / {one['failed']}"
                drawn.append(Bar(label, parts, words))
        rows.append(_row(label, one, said, cells, 8))
    told = "；".join(f"{one.label} {one.words}" for one in drawn)
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
        chart=bars(drawn, label=said("数据源答复（有记录、无记录、失败）：") + told),
        empty=said("这段时间没有查询。"),
    )
