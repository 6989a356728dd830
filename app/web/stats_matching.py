"""How records were matched 匹配: by itself, by people, and how far people agree."""

from collections.abc import Mapping
from typing import Any

from app.web.charts_figures import Bar, Dot, bars, interval_dots
from app.web.figures_tables import NO_CHART, Head, Table
from app.web.figures_words import Said
from app.web.inner import Inner
from app.web.stats_asked import Asked


async def tables(api: Inner, asked: Asked, said: Said) -> list[Table]:
    """Shares by source, agreement with its interval, words taken back."""
    given = {**asked.params(by="source"), "programme": None}
    reviews = await api.get("/v1/statistics/reviews", **given)
    params = {"region": asked.region or None, "from": asked.since, "until": asked.until}
    agreement = await api.get("/v1/figures/agreement", **params)
    refused = {one["source"]: one["another_person"] for one in agreement["judged"]}
    return [_shares(reviews, refused, said), _agreement(agreement, said), _reversed(reviews, said)]


def _shares(reviews: Any, refused: Mapping[str, int], said: Said) -> Table:
    rows, drawn = [], []
    for one in [*reviews["rows"], {"key": "", "values": reviews["total"]}]:
        values = one["values"]
        label = said.code(one["key"]) if one["key"] else said("合计")
        if values is None:
            rows.append([label, said("少于 5，不显示"), "", "", "", ""])
            continue
        share = values["match_review_rate"]
        by_itself = None if share is None else 1.0 - share
        rows.append(
            [
                label,
                str(values["records"]),
                str(values["records"] - values["judged"]),
                str(values["judged"]),
                str(refused.get(one["key"], 0) if one["key"] else sum(refused.values())),
                said.share(by_itself) if share is not None else said.f.unknown,
            ]
        )
        if share is not None:
            words = said.share(share)
            drawn.append(Bar(label, (("m1", 1.0 - share), ("c2", share)), words))
    told = "；".join(f"{one.label} {one.words}" for one in drawn)
    return Table(
        name="shares",
        title=said("记录匹配：自动与人工"),
        heads=(
            Head(said("来源")),
            Head(said("记录数"), is_number=True),
            Head(said("自动判定"), is_number=True),
            Head(said("人工判断"), is_number=True),
            Head(said("判为不是本人"), is_number=True),
            Head(said("自动判定占比"), is_number=True),
        ),
        rows=rows,
        note=said("图中蓝色为自动判定，橙色为人工判断，数字为人工判断占比。"),
        chart=bars(drawn, label=said("各来源人工判断占比：") + told, whole=1.0),
        empty=said("这段时间没有记录。"),
    )


def _agreement(found: Any, said: Said) -> Table:
    """Kappa with its interval; a share alone may be chance."""
    rows, dots = [], []
    for one in [*found["sources"], {**found, "source": ""}]:
        label = said.code(one["source"]) if one["source"] else said("合计")
        interval = one["kappa_interval"]
        rows.append(
            [
                label,
                str(one["pairs"]),
                str(one["agreed"]),
                said.share(one["rate"]) if one["pairs"] else said.f.unknown,
                said("无法计算") if one["kappa"] is None else f"{one['kappa']:.2f}",
                "" if interval is None else f"{interval[0]:.2f} – {interval[1]:.2f}",
            ]
        )
        if one["kappa"] is not None and interval is not None:
            low, high = max(0.0, interval[0]), max(0.0, interval[1])
            dots.append(Dot(label, max(0.0, one["kappa"]), (low, high), ""))
    told = "；".join(f"{row[0]} {row[4]}" for row in rows)
    return Table(
        name="agreement",
        title=said("复核人员一致性（第二人对第一人）"),
        heads=(
            Head(said("来源")),
            Head(said("两人都判断的"), is_number=True),
            Head(said("一致"), is_number=True),
            Head(said("一致占比"), is_number=True),
            Head(said("Kappa"), is_number=True),
            Head(said("95% 区间"), is_number=True),
        ),
        rows=rows if found["pairs"] else (),
        note=said("Kappa 为 Cohen 系数，已扣除偶然一致；两人答案全部相同时无法计算。"),
        chart=interval_dots(dots, label=said("Kappa 与区间：") + told) if dots else NO_CHART,
        empty=said("这段时间没有第二人判断的记录。"),
    )


def _reversed(reviews: Any, said: Said) -> Table:
    total = reviews["total"]
    decided, undone = total["decided"], total["reversed"]
    share = None if not decided else undone / decided
    return Table(
        name="overturned",
        title=said("推翻的判断"),
        heads=(
            Head(said("范围")),
            Head(said("判断"), is_number=True),
            Head(said("撤销或重判"), is_number=True),
            Head(said("占比"), is_number=True),
        ),
        rows=[
            [
                said("全部来源"),
                said.number(decided),
                said.number(undone),
                said.share(share) if share is not None else said.f.unknown,
            ]
        ],
    )
