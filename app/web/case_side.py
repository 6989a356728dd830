"""Beside and below the values of a case: what is open, members, sources by member, supporters."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from app.web.case_page import Page, action_words, conflict_item
from app.web.case_values import likely, why_words
from app.web.case_words import (
    ASSETS,
    IDENTITY,
    INCOME,
    REASONS,
    RELATIONS,
    STATES,
    said,
)
from app.web.i18n import N_

_FLIPS: Final = ("bad", "flip", N_("影响结论"))
_CHECK: Final = ("warn", "warn", N_("待核"))
_GAP: Final = ("none", "ask", N_("缺口"))
FINDINGS: Final[Mapping[str, str]] = {
    "registered_not_declared": N_("户籍同户人员未申报"),
    "declared_not_registered": N_("%(name)s不在申请人户籍"),
    "deceased": N_("%(name)s户籍登记为死亡"),
    "identity_mismatch": N_("%(name)s姓名与证件不符"),
    "identity_uncertain": N_("%(name)s的记录归属存疑"),
    "income_above_declared": N_("%(name)s%(what)s少报 %(amount)s"),
    "income_below_declared": N_("%(name)s%(what)s多报"),
    "income_not_declared": N_("%(name)s%(what)s漏报 %(amount)s"),
    "asset_not_declared": N_("%(name)s%(what)s漏报"),
    "asset_above_declared": N_("%(name)s%(what)s少报 %(amount)s"),
    "declared_not_found": N_("%(name)s%(what)s未证实"),
    "wage_sources_differ": N_("%(name)s工资来源冲突"),
    "values_differ": N_("%(name)s的数值来源不一致"),
    "business_income_unknown": N_("%(name)s名下个体工商户漏报"),
    "asset_disposed_recently": N_("%(name)s近期处置财产"),
    "household_split_recently": N_("近期分户"),
    "value_settled": N_("%(name)s的数值已由人工确定"),
    "duplicate_relief": N_("同一人另有救助案卷"),
    "source_failed": N_("%(name)s%(source)s没有反馈"),
    "source_stale": N_("%(name)s%(source)s数据陈旧"),
    "implausible_value": N_("%(name)s有异常值"),
}
_BASES: Final[Mapping[str, str]] = {
    "computed": N_("按公式计算"),
    "declared": N_("按申报"),
    "not_asked": N_("未授权，未查询"),
}
_GAPS: Final = frozenset({"source_failed", "source_stale"})


def open_items(page: Page) -> list[dict[str, Any]]:
    """Findings and worklist items: what changes an outcome first."""
    case = page.verification["id"]
    items = {one["id"]: one for one in page.document["open_items"]}
    shown = [_finding(page, case, one, items) for one in page.verification["findings"]]
    rest = [
        {
            "mark": _GAP if one["source"] else _CHECK,
            "words": action_words(page, one["action"]),
            "link": f"/ui/review/{one['id']}",
            "verb": page.translate(N_("处理")),
            "rank": (1, -one["expected_reduction"]),
        }
        for one in items.values()
    ]
    every = [one for one in shown if one is not None] + rest
    every.sort(key=lambda one: one["rank"])
    for one in every:
        state, sign, words = one["mark"]
        one["mark"] = {"state": state, "sign": sign, "words": page.translate(words)}
    return every


def _finding(
    page: Page, case: str, one: Mapping[str, Any], items: dict[str, Any]
) -> dict[str, Any] | None:
    """None for what nobody has to do anything about. An item that is about the same goes with it.

    What was settled is told of beside the value that holds.
    """
    if one["code"] == "value_settled" or (one["severity"] == "info" and not one["decisive"]):
        return None
    mark = _FLIPS if one["decisive"] else _GAP if one["code"] in _GAPS else _CHECK
    link, verb = f"/ui/cases/{case}?open={_row_of(page, one)}#values", page.translate(N_("看明细"))
    if one["code"] == "source_failed":
        link, verb = f"/ui/cases/{case}/recheck", page.translate(N_("补查"))
    item = items.get(one.get("item") or "")
    item = item or next((item for item in items.values() if _is_about(item, one)), None)
    if item is not None:
        items.pop(item["id"])
        link, verb = f"/ui/review/{item['id']}", page.translate(N_("处理"))
    if conflict_item(one) is not None:
        link, verb = f"/ui/cases/{case}/conflicts/{one['id']}", page.translate(N_("处理"))
    return {
        "mark": mark,
        "words": finding_words(page, one),
        "link": link,
        "verb": verb,
        "rank": (0 if one["decisive"] else 1, 0.0),
    }


def _is_about(item: Mapping[str, Any], one: Mapping[str, Any]) -> bool:
    if item["evidence"]:
        return one["code"].startswith("identity") and bool(
            set(item["evidence"]) & set(one["evidence"])
        )
    if one["code"] == "source_failed":
        source = (one["detail"] or "").partition(":")[0]
        return bool(item["action"] == f"source:{source}:{one['person']}")
    subject = f"household:business_income:{one['person']}"
    return one["code"] == "business_income_unknown" and bool(item["action"] == subject)


def _row_of(page: Page, one: Mapping[str, Any]) -> str:
    """The row that shows most of the finding's evidence."""
    wanted, best, most = set(one["evidence"]), "", 0
    for row in page.document["rows"]:
        shared = len(wanted & {ev for told in row["sources"] for ev in told["evidence"]})
        if shared > most:
            best, most = row["id"], shared
    return best


def finding_words(page: Page, one: Mapping[str, Any]) -> str:
    """A finding as a sentence."""
    detail = one["detail"] or ""
    kinds = INCOME if one["code"].startswith("income") else {**INCOME, **ASSETS}
    amount = ""
    if one["declared"] is not None and one["verified"] is not None:
        amount = _less(page, one["verified"], one["declared"])
    elif one["verified"] is not None:
        amount = page.formats.money(one["verified"])
    return page.translate(
        FINDINGS.get(one["code"], one["code"]),
        name=page.name(one["person"]),
        what=said(kinds, detail, page.translate),
        source=page.source(detail.partition(":")[0]),
        amount=amount,
    )


def _less(page: Page, verified: str, declared: str) -> str:
    return page.formats.money(abs(Decimal(verified) - Decimal(declared)))


def people(page: Page) -> list[dict[str, Any]]:
    """Members and supporters with their identity; who is not asked about says so."""
    return [_person(page, one) for one in page.document["persons"]]


def _person(page: Page, one: Mapping[str, Any]) -> dict[str, Any]:
    _ = page.translate
    relation = said(RELATIONS, one["relationship"], _)
    if one["role"] == "supporter":
        relation = _("赡养人")
    about = [relation]
    if one["age"] is not None:
        about.append(_("%(age)s 岁", age=one["age"]))
    if one["in_school"]:
        about.append(_("在校"))
    identity = one["identity"]
    state, words = ("none", _("未核实"))
    probability = _("未知")
    if one["role"] == "supporter" and not one["signed"]:
        state, words, probability = "none", _("未授权"), _("不查询")
    elif identity is not None:
        state, text = IDENTITY[identity["state"]]
        words = _(text)
        chance = identity["probability"]
        probability = _("未知") if chance is None else likely(page.formats, chance)
    return {
        "ref": one["ref"],
        "name": one["name"],
        "number": one["id_number"],
        "about": " ".join(about),
        "state": state,
        "words": words,
        "probability": probability,
        "why": "" if one["counted"] is not False else why_words(page, one["why"]),
    }


def matrix(page: Page) -> dict[str, Any]:
    """Sources by person: how many records, none, failed, awaited, or not asked and why."""
    refs = [one["ref"] for one in page.document["persons"]]
    asked = page.verification["sources"]
    order = list(dict.fromkeys(one["source"] for one in _ordered(page)))
    cells = {(one["source"], one["person"]): one for one in asked}
    rows, failed = [], 0
    for source in order:
        some = [one for one in asked if one["source"] == source]
        days = [one["data_as_of"] or one["answered_at"] for one in some]
        last = max((day[:10] for day in days if day), default=None)
        failed += any(one["state"] == "failed" for one in some)
        rows.append(
            {
                "name": page.source(source),
                "cells": [_cell(page, cells.get((source, ref))) for ref in refs],
                "as_of": "—" if last is None else page.formats.short_day(last),
            }
        )
    return {"persons": [page.name(ref) for ref in refs], "rows": rows, "failed": failed}


def _ordered(page: Page) -> Iterator[Mapping[str, Any]]:
    """The ten in the law's order, then any others."""
    known = list(_ORDER)
    yield from sorted(
        page.verification["sources"],
        key=lambda one: (
            known.index(one["source"]) if one["source"] in known else len(known),
            one["source"],
        ),
    )


_ORDER: Final = (
    "household_registry",
    "tax",
    "social_insurance",
    "property",
    "business_registration",
    "housing_fund",
    "vehicle",
    "bank",
    "insurance",
    "securities",
    "relief_register",
)


def _cell(page: Page, one: Mapping[str, Any] | None) -> dict[str, str]:
    _ = page.translate
    if one is None:
        return {"kind": "skip2", "text": "—", "words": _("未查询")}
    kind, text = STATES[one["state"]]
    words = _(text)
    shown = words
    if one["state"] == "answered":
        shown, words = str(one["records"]), _("有记录 %(count)s 条", count=one["records"])
    elif one["state"] == "no_record":
        shown = _("无")
    elif one["state"] == "not_asked":
        shown = "—"
    if one["reason"] is not None:
        words = _("%(state)s：%(why)s", state=words, why=said(REASONS, one["reason"], _))
    elif one["state"] == "failed":
        words = _("失败：查询 %(times)s 次", times=one["attempts"])
    return {"kind": kind, "text": shown, "words": words}


def supporters(page: Page) -> list[dict[str, Any]]:
    """Each with the payment and the figures that give it."""
    return [_supporter(page, one) for one in page.document["supporters"]]


def _supporter(page: Page, one: Mapping[str, Any]) -> dict[str, Any]:
    _, f, formula = page.translate, page.formats, one["formula"]
    basis = _BASES[one["basis"]]
    words = ""
    if formula is not None:
        words = _(
            "（%(income)s ÷ %(size)s 人 − %(standard)s）× %(share)s × %(supported)s ÷ %(of)s",
            income=f.money(formula["income_monthly"]),
            size=formula["household_size"],
            standard=f.money(formula["standard"]),
            share=formula["share"],
            supported=formula["supported"],
            of=formula["of"],
        )
    return {
        "name": page.name(one["ref"]),
        "supports": " ".join(page.name(ref) for ref in one["supports"]),
        "size": one["household_size"],
        "declared": _("未申报") if one["declared"] is None else f.money(one["declared"]),
        "payment": f.money(one["payment"]),
        "basis": _(basis),
        "formula": words,
    }
