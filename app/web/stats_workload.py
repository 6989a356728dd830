"""Workload 工作量: by queue, and by person for supervisors alone."""

from typing import Any

from app.web.charts_figures import Bar, bars
from app.web.figures_tables import Head, Table
from app.web.figures_words import Said
from app.web.inner import Inner
from app.web.stats_asked import Asked


async def tables(api: Inner, asked: Asked, said: Said) -> list[Table]:
    params = {"region": asked.region or None, "from": asked.since, "until": asked.until}
    found = await api.get("/v1/figures/workload", **params)
    return [_queues(found, said), _people(found, said)]


def _done_heads(said: Said) -> tuple[Head, ...]:
    return (
        Head(said("已办"), is_number=True),
        Head(said("其中第二人"), is_number=True),
        Head(said("撤销"), is_number=True),
        Head(said("中位用时（小时）"), is_number=True),
    )


def _done(one: Any, said: Said) -> list[str]:
    hours = one["median_hours"]
    shown = said("没有") if hours is None else f"{hours:,.1f}"
    return [str(one["done"]), str(one["second"]), str(one["reversed"]), shown]


def _queues(found: Any, said: Said) -> Table:
    rows = [
        [said.code(one["kind"]), str(one["open"]), str(one["overdue"]), *_done(one, said)]
        for one in found["queues"]
    ]
    drawn = [
        Bar(
            said.code(one["kind"]),
            (
                ("m1", one["done"]),
                ("m2", one["open"] - one["overdue"]),
                ("c2", one["overdue"]),
            ),
            said(
                "已办 %(done)s，待办 %(open)s，超期 %(late)s",
                done=one["done"],
                open=one["open"],
                late=one["overdue"],
            ),
        )
        for one in found["queues"]
    ]
    told = "；".join(f"{one.label} {one.words}" for one in drawn)
    return Table(
        name="queues",
        title=said("按队列"),
        heads=(
            Head(said("队列")),
            Head(said("待办"), is_number=True),
            Head(said("超期"), is_number=True),
            *_done_heads(said),
        ),
        rows=rows,
        note=said("超过各自期限的算超期；待办是现在的，已办是这段时间的。"),
        chart=bars(drawn, label=said("各队列：") + told),
        empty=said("这段时间没有待办。"),
    )


def _people(found: Any, said: Said) -> Table:
    """Below supervisors, all together and nobody by name."""
    heads = (Head(said("人员")), *_done_heads(said), Head(said("看到概率后改判"), is_number=True))
    everybody = [
        said("全体（%(n)s 人）", n=found["group"]["persons"]),
        *_done(found["group"], said),
        str(found["group"]["changed"]),
    ]
    if found["persons"] is None:
        note = said("按人的数字只给复核和管理人员看。")
        return Table(name="people", title=said("按人员"), heads=heads, rows=[everybody], note=note)
    rows = [
        [one["name"] or one["person"], *_done(one, said), str(one["changed"])]
        for one in found["persons"]
    ]
    drawn = [
        Bar(row[0], (("m1", one["done"]),), str(one["done"]))
        for row, one in zip(rows, found["persons"], strict=True)
    ]
    told = "；".join(f"{one.label} {one.words}" for one in drawn)
    return Table(
        name="people",
        title=said("按人员"),
        heads=heads,
        rows=[*rows, everybody],
        chart=bars(drawn, label=said("各人员已办：") + told),
        empty=said("这段时间没有已办。"),
    )
