"""Measured error rates 抽查差错率 and, apart from them, the predicted ones."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from app.web.charts_figures import Dot, interval_dots, reliability
from app.web.figures_tables import NO_CHART, Head, Table
from app.web.figures_words import Said
from app.web.inner import Inner, Refused
from app.web.stats_asked import Asked

FEWEST: Final = 30
"""Fewer read decisions tell nothing: no share is shown."""
_AUDITS: Final = 12
Document = Mapping[str, Any]


async def audits_of(api: Inner, asked: Asked) -> Sequence[Document]:
    """Of the region that is looked at, the newest first. Raises `Refused`."""
    found = (await api.get("/v1/audits", limit=100))["audits"]
    return [one for one in found if one["region"].startswith(asked.region)] or found


async def tables(api: Inner, asked: Asked, said: Said) -> list[Table]:
    """What was measured, each kind of error apart; then what was predicted."""
    return [*await _measured(api, asked, said), *await _predicted(api, asked, said)]


async def _measured(api: Inner, asked: Asked, said: Said) -> list[Table]:
    try:
        audits = await audits_of(api, asked)
    except Refused as refused:
        if refused.kind != "not-allowed":
            raise
        return [_note(said, said("抽查差错率需要“抽查”权限（市级管理），请向管理员申请。"))]
    if not audits:
        return [_note(said, said("这个区划还没有抽查。"))]
    chosen = next((one for one in audits if one["id"] == asked.audit), audits[0])
    results = await api.get(f"/v1/audits/{chosen['id']}/results")
    found = [
        _by_kind(results, said),
        _by_group(results, asked, said),
        await _by_period(api, audits, asked, said),
        _money_and_procedure(results, said),
    ]
    return [*found, await _reliability(api, asked, said)]


def _note(said: Said, words: str) -> Table:
    return Table(name="measured", title=said("抽查差错率"), heads=(), rows=(), empty=words)


def _heads(said: Said, first: str) -> Sequence[Head]:
    return (
        Head(first),
        Head(said("已读 n"), is_number=True),
        Head(said("有误"), is_number=True),
        Head(said("未读"), is_number=True),
        Head(said("抽查差错率"), is_number=True),
        Head(said("95% 区间"), is_number=True),
        Head(said("目标"), is_number=True),
        Head(said("结论")),
    )


def cells(
    label: str, rate: Document | None, said: Said, tolerance: float | None = None, verdict: str = ""
) -> list[str]:
    """A row; below thirty read decisions 样本不足 stands in place of every share."""
    target = "" if tolerance is None else said.share(tolerance)
    if rate is None or rate["n"] < FEWEST:
        counts = ["0", "0", "0"] if rate is None else _counts(rate)
        return [label, *counts, said("样本不足"), "", target, ""]
    point = said("不给出点值") if rate["rate"] is None else said.share(rate["rate"], 2)
    words = said.code(verdict) if verdict else ""
    return [label, *_counts(rate), point, said.between(rate["interval"]), target, words]


def _counts(rate: Document) -> list[str]:
    return [str(rate["n"]), str(rate["found"]), str(rate["unread"])]


def dot(label: str, rate: Document | None, said: Said) -> Dot:
    if rate is None or rate["n"] < FEWEST:
        return Dot(label, None, None, said("样本不足"))
    low, high = rate["interval"]
    point = said("不给出点值") if rate["rate"] is None else said.share(rate["rate"], 2)
    words = f"{point} {said.f.interval((low, high))}，n = {rate['n']}"
    return Dot(label, rate["rate"], (low, high), words)


def _told(rows: Iterable[Sequence[str]]) -> str:
    return "；".join(" ".join(part for part in (row[0], row[4], row[5]) if part) for row in rows)


def _by_kind(results: Document, said: Said) -> Table:
    """Each kind of error has its own frame: none is added to another."""
    rows, dots, targets = [], [], []
    for one in results["measures"]:
        label = said.code(one["measure"])
        rows.append(cells(label, one["overall"], said, one["tolerance"], one["verdict"] or ""))
        dots.append(dot(label, one["overall"], said))
        targets += [one["tolerance"]] if one["tolerance"] is not None else []
    readings = results["readings"]
    note = said(
        "只计随机样本，按层加权；区间为分层 mid-P（Clopper-Pearson 型）。已读 %(done)s / %(due)s。",
        done=readings["first"]["done"],
        due=readings["first"]["due"],
    )
    chart = interval_dots(
        dots,
        label=said("各类差错的抽查差错率：") + _told(rows),
        target=min(targets, default=None),
        target_word=said("目标"),
    )
    heads = _heads(said, said("差错类别"))
    title = said("抽查差错率，按差错类别")
    return Table(name="kinds", title=title, heads=heads, rows=rows, note=note, chart=chart)


def _by_group(results: Document, asked: Asked, said: Said) -> Table:
    """By programme or area, for one kind of error."""
    measure = _measure_of(results, asked)
    rows, dots = [], []
    target = None if measure is None else measure["tolerance"]
    groups = () if measure is None else measure["regions" if asked.by == "region" else "programmes"]
    for one in groups:
        key = one.get("region") or one.get("programme")
        label = key if asked.by == "region" else said.code(key)
        rows.append(cells(label, one, said, target))
        dots.append(dot(label, one, said))
    by_area = asked.by == "region"
    title = said("抽查差错率，按地区") if by_area else said("抽查差错率，按项目")
    chart = interval_dots(
        dots,
        label=title + said("：") + _told(rows),
        target=target,
        target_word=said("目标"),
    )
    return Table(
        name="groups",
        title=said("%(title)s（%(kind)s）", title=title, kind=said.code(asked.fault)),
        heads=_heads(said, said("地区") if by_area else said("项目")),
        rows=rows,
        chart=chart,
        empty=said("没有这一类的样本。"),
    )


def _measure_of(results: Document, asked: Asked) -> Document | None:
    return next((one for one in results["measures"] if one["measure"] == asked.fault), None)


async def _by_period(api: Inner, audits: Sequence[Document], asked: Asked, said: Said) -> Table:
    """An audit is a period: its decisions became final in it."""
    rows, dots, target = [], [], None
    for one in reversed(audits[:_AUDITS]):
        whole = await api.get(f"/v1/audits/{one['id']}")
        measure = _measure_of(await api.get(f"/v1/audits/{one['id']}/results"), asked)
        frame = whole["frame"]
        label = f"{said.f.day(frame['final_from'])} – {said.f.day(frame['final_until'])}"
        rate = None if measure is None else measure["overall"]
        limit = None if measure is None else measure["tolerance"]
        target = limit if limit is not None else target
        rows.append(cells(label, rate, said, limit, (measure or {}).get("verdict") or ""))
        dots.append(dot(label, rate, said))
    title = said("抽查差错率，按时间")
    chart = interval_dots(
        dots, label=title + said("：") + _told(rows), target=target, target_word=said("目标")
    )
    return Table(
        name="periods",
        title=said("%(title)s（%(kind)s）", title=title, kind=said.code(asked.fault)),
        heads=_heads(said, said("认定时间")),
        rows=rows,
        chart=chart,
    )


def _money_and_procedure(results: Document, said: Said) -> Table:
    rows, money = [], results["money"]
    if money is not None and "unknown" not in money:
        for name in ("over", "under", "total"):
            label = said("金额：") + said.code(name)
            rows.append(cells(label, money[name], said, money["tolerance"]))
    for one in results["procedure"]:
        rows.append(cells(said("程序：") + said.code(one["procedure"]), one, said))
    rows.append(cells(said("工作人员关联"), results["staff_relation"], said))
    title = said("金额差错与程序差错")
    return Table(name="others", title=title, heads=_heads(said, said("差错类别")), rows=rows)


async def _reliability(api: Inner, asked: Asked, said: Said) -> Table:
    """Whether what was predicted is what was found."""
    found = await api.get("/v1/figures/calibration", region=asked.region or None)
    rows = [
        [
            said.share(one["predicted"], 2),
            str(one["count"]),
            said.share(one["observed"], 2),
            said.between(one["interval"]),
        ]
        for one in found["bins"]
    ]
    whole = sum(one["effective"] for one in found["bins"]) or 1.0
    dots = [
        (one["predicted"], one["observed"], tuple(one["interval"]), one["effective"] / whole)
        for one in found["bins"]
    ]
    words = "；".join(f"{row[0]} → {row[2]}" for row in rows)
    return Table(
        name="reliability",
        title=said("预测与抽查对照（可靠性图）"),
        heads=(
            Head(said("预测差错率（组均值）")),
            Head(said("认定数"), is_number=True),
            Head(said("抽查差错率"), is_number=True),
            Head(said("95% 区间"), is_number=True),
        ),
        rows=rows,
        note=said("区间为 Jeffreys；虚线是两者相等。"),
        chart=reliability(
            dots,
            label=said("预测差错率与抽查差错率对照：") + words,
            across=said("预测差错率"),
            up=said("抽查差错率"),
        )
        if rows
        else NO_CHART,
        empty=said(
            "样本不足：有结论的认定 %(n)s 件（有效 %(e)s），需 %(k)s 件。",
            n=found["decisions"],
            e=found["effective"],
            k=found["needed"],
        ),
    )


async def _predicted(api: Inner, asked: Asked, said: Said) -> list[Table]:
    """Of every decision, by the model; never mixed with what was measured."""
    try:
        found = await api.get("/v1/statistics/error_rates", **asked.params(by=asked.by))
    except Refused as refused:
        if refused.kind != "not-allowed":
            raise
        return []
    words = {"region": said("地区"), "programme": said("项目")}
    rows = [_predicted_row(one["key"], one["values"], said) for one in found["rows"]]
    rows.append(_predicted_row(said("合计"), found["total"], said))
    return [
        Table(
            name="predicted",
            title=said("预测差错率（模型给出，不是抽查结果）"),
            heads=(
                Head(words.get(asked.by, said("月份"))),
                Head(said("认定数"), is_number=True),
                Head(said("预测差错率均值"), is_number=True),
                Head(said("预计有误"), is_number=True),
                Head(said("其中误认定符合"), is_number=True),
                Head(said("其中误认定不符合"), is_number=True),
            ),
            rows=rows,
            note=said("与抽查差错率分开，不相加。"),
        )
    ]


def _predicted_row(key: str, values: Document | None, said: Said) -> list[str]:
    label = said.code(key)
    if values is None:
        return [label, said("少于 5，不显示"), "", "", "", ""]
    return [
        label,
        str(values["decisions"]),
        said.share(values["mean_error_rate"], 2),
        f"{values['expected_wrong']:.1f}",
        f"{values['wrongly_confirmed']:.1f}",
        f"{values['wrongly_refused']:.1f}",
    ]
