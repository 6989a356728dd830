"""The audit sample 抽查样本: how it was drawn, how far it is read, how far readers agree."""

from collections.abc import Mapping
from typing import Any

from app.web.figures_tables import Head, Table
from app.web.figures_words import Said
from app.web.inner import Inner, Refused
from app.web.stats_asked import Asked
from app.web.stats_errors import audits_of


async def tables(api: Inner, asked: Asked, said: Said) -> list[Table]:
    try:
        audits = await audits_of(api, asked)
    except Refused as refused:
        if refused.kind != "not-allowed":
            raise
        words = said("抽查样本需要“抽查”权限（市级管理），请向管理员申请。")
        return [Table(name="sample", title=said("抽查样本"), heads=(), rows=(), empty=words)]
    if not audits:
        words = said("这个区划还没有抽查。")
        return [Table(name="sample", title=said("抽查样本"), heads=(), rows=(), empty=words)]
    chosen = next((one for one in audits if one["id"] == asked.audit), audits[0])
    whole = await api.get(f"/v1/audits/{chosen['id']}")
    results = await api.get(f"/v1/audits/{chosen['id']}/results")
    return [
        _strata(whole, said),
        _readings(results, said),
        _agreement(results, said),
        _by_risk(results, said),
    ]


def _stratum(name: str, said: Said) -> str:
    """The programme in words; the region and the group of predicted error rates as they stand."""
    programme, *others = name.split("/")
    return " / ".join((said.code(programme), *others))


def _strata(whole: Mapping[str, Any], said: Said) -> Table:
    frame = whole["frame"]
    rows = [
        [
            said.code(one["kind"]),
            _stratum(one["stratum"], said),
            str(one["frame"]),
            str(one["drawn"]),
            f"{one['frame'] / one['drawn']:.2f}" if one["drawn"] else said.f.unknown,
            str(one["second"]),
        ]
        for one in whole["strata"]
    ]
    return Table(
        name="strata",
        title=said("随机样本，按层"),
        heads=(
            Head(said("认定")),
            Head(said("层（项目/地区/预测差错率组）")),
            Head(said("总体"), is_number=True),
            Head(said("抽取"), is_number=True),
            Head(said("权数"), is_number=True),
            Head(said("第二人读"), is_number=True),
        ),
        rows=rows,
        note=said(
            "认定时间 %(since)s 至 %(until)s；种子 %(seed)s；总体摘要 %(digest)s",
            since=said.f.day(frame["final_from"]),
            until=said.f.day(frame["final_until"]),
            seed=whole["seed"],
            digest=frame["digest"][:23] + "…",
        ),
    )


def _readings(results: Mapping[str, Any], said: Said) -> Table:
    readings = results["readings"]
    rows = [
        [words, str(one["due"]), str(one["done"]), str(one["cannot_tell"])]
        for words, one in (
            (said("第一人"), readings["first"]),
            (said("第二人"), readings["second"]),
        )
    ]
    return Table(
        name="readings",
        title=said("读案进度"),
        heads=(
            Head(said("读案")),
            Head(said("应读"), is_number=True),
            Head(said("已读"), is_number=True),
            Head(said("无法判断"), is_number=True),
        ),
        rows=rows,
        note=said("随机样本第一人应答率 %(share)s。", share=said.share(readings["response_rate"])),
    )


def _agreement(results: Mapping[str, Any], said: Said) -> Table:
    rows = []
    for one in results["agreement"]:
        interval = one["interval"]
        rows.append(
            [
                said.code(one["kind"]),
                str(one["n"]),
                said.share(one["agreement"]),
                said("无法计算") if one["kappa"] is None else f"{one['kappa']:.2f}",
                "" if interval is None else f"{interval[0]:.2f} – {interval[1]:.2f}",
            ]
        )
    return Table(
        name="readers",
        title=said("两名读案人的一致性"),
        heads=(
            Head(said("认定")),
            Head(said("两人都读"), is_number=True),
            Head(said("一致占比"), is_number=True),
            Head(said("Kappa"), is_number=True),
            Head(said("95% 区间"), is_number=True),
        ),
        rows=rows,
        empty=said("还没有两人都读过的认定。"),
    )


def _by_risk(results: Mapping[str, Any], said: Said) -> Table:
    rows = [
        [
            said.code(one["kind"]),
            str(one["drawn"]),
            str(one["told"]),
            str(one["wrong"]),
            f"{one['predicted_wrong']:.1f}",
        ]
        for one in results["risk_supplement"]
    ]
    return Table(
        name="risk",
        title=said("按风险另抽的部分（不计入抽查差错率）"),
        heads=(
            Head(said("认定")),
            Head(said("抽取"), is_number=True),
            Head(said("已读"), is_number=True),
            Head(said("有误"), is_number=True),
            Head(said("预计有误"), is_number=True),
        ),
        rows=rows,
        empty=said("没有按风险另抽。"),
    )
