"""The table of values of a case's page: groups, rows, and each row's sources once it is open."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from app.web.case_page import Page, conflict_item, conflict_kinds
from app.web.case_sums import group_sums, wage_sum
from app.web.case_words import (
    ASSETS,
    BASES,
    EXPENSES,
    INCOME,
    LONGER,
    REASONS,
    STATES,
    USES,
    WHY,
    said,
)
from app.web.charts_profile import month_cells
from app.web.code_words import COMPARED
from app.web.formats import Formats
from app.web.i18n import N_

_KINDS: Final[Mapping[str, Mapping[str, str]]] = {
    "income": INCOME,
    "financial": ASSETS,
    "things": ASSETS,
    "expenses": EXPENSES,
}
_GROUPS: Final = (
    ("income", N_("收入（元 / 月）"), "monthly_income", "monthly_income_per_person"),
    ("financial", N_("金融资产（元）"), "financial_assets", "financial_assets_per_person"),
    ("things", N_("住房、车辆、经营"), None, None),
    ("expenses", N_("支出与扣减（元 / 年）"), None, None),
)


def groups(page: Page, opened: str) -> list[dict[str, Any]]:
    """`opened`: the id of the row that stands open."""
    found = []
    for key, title, whole, each in _GROUPS:
        rows = [one for one in page.document["rows"] if one["group"] == key]
        if rows:
            shown = [_row(page, one, is_open=one["id"] == opened) for one in rows]
            found.append(
                {
                    "title": page.translate(title),
                    "sums": list(group_sums(page, key, whole, each)),
                    "rows": shown,
                }
            )
    return found


def _row(page: Page, one: Mapping[str, Any], *, is_open: bool) -> dict[str, Any]:
    _, names = page.translate, _KINDS[one["group"]]
    label = said(names, one["kind"], _)
    basis = "" if one["basis"] is None else said(BASES, one["basis"], _)
    return {
        "id": one["id"],
        "open": is_open,
        "label": label,
        "basis": basis,
        "persons": _persons(page, one["persons"]),
        "declared": _declared(page, one),
        "is_declared": one["declared"] is not None,
        "verified": _verified(page, one),
        "is_known": one["verified"] is not None,
        "is_exact": one["verified"] is not None and not isinstance(one["verified"], Mapping),
        "compared": _compared(page, one),
        "chips": [_chip(page, told, one) for told in one["sources"]],
        "period": _period(page, one),
        "counted": _counted(page, one),
        "sources": [_source(page, told, one) for told in one["sources"]],
        "has_months": any(told["months"] for told in one["sources"]),
        "window": _window(page, one),
        "wage_sum": wage_sum(page, one),
        "lines": [_line(page, line, one) for line in one["lines"]],
        "evidence": _evidence(page, one),
        "order": _order(page, one),
        "conflict": _conflict(page, one),
    }


def _conflict(page: Page, one: Mapping[str, Any]) -> str | None:
    """The finding by which another source can be chosen for the value."""
    records = {ev for told in one["sources"] for ev in told["evidence"]}
    for found in page.verification["findings"]:
        is_of_row = found["person"] in one["persons"] and records & set(found["evidence"])
        if is_of_row and conflict_item(found) and one["kind"] in conflict_kinds(found):
            return str(found["id"])
    return None


def _persons(page: Page, refs: Sequence[str]) -> str:
    members = [one["ref"] for one in page.document["persons"] if one["role"] == "member"]
    if len(refs) > 1 and list(refs) == members:
        return page.translate(N_("全户"))
    return " ".join(page.name(ref) for ref in refs)


def _declared(page: Page, one: Mapping[str, Any]) -> str:
    if one["declared"] is None:
        return "—" if one["comparison"] is None else page.translate(N_("未申报"))
    return _amount(page, one["declared"], one["unit"])


def _amount(page: Page, value: Any, unit: str) -> str:
    return page.formats.amount(value) if unit == "pieces" else page.formats.money(value)


def _verified(page: Page, one: Mapping[str, Any]) -> str:
    return _amount(page, one["verified"], one["unit"])


def _compared(page: Page, one: Mapping[str, Any]) -> dict[str, str]:
    if one["comparison"] is None:  # nobody has to declare it
        return {"state": "none", "sign": "none", "words": why_words(page, one["why"])}
    state, sign, text = COMPARED[one["comparison"]]
    words = page.translate(text)
    if one["difference"] is not None and one["comparison"] != "not_confirmed_by_sources":
        words = f"{words} {_amount(page, one['difference'], one['unit'])}"
    return {"state": state, "sign": sign, "words": words}


def _chip(page: Page, told: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, str]:
    """Used ones bold, those that are not used or did not answer struck through."""
    _, kind = page.translate, ""
    if told["use"] == "used":
        kind = "used"
    elif told["use"] in ("not_used", "open"):
        kind = "off"
    return {"kind": kind, "words": f"{page.source(told['source'])} {_told(page, told, row)}"}


def _told(page: Page, told: Mapping[str, Any], row: Mapping[str, Any]) -> str:
    _ = page.translate
    if told["monthly"] is not None:
        return page.formats.money(told["monthly"]).removesuffix(".00")
    if told["use"] == "open":
        state = STATES[told["state"]][1]
        return _("不完整") if told["state"] == "answered" else _(state)
    institutions = told["institutions"]
    if institutions is not None:
        return _("%(answered)s / %(asked)s 家", **institutions)
    if told["use"] == "no_record":
        return _("无记录")
    states = {line["details"].get("state") for line in row["lines"]}
    trades = "in_business" in states or row["why"] == "business_income_unknown"
    if told["source"] == "business_registration" and trades:
        return _("在业")
    return _("%(count)s 条", count=told["records"])


def _period(page: Page, one: Mapping[str, Any]) -> str:
    f = page.formats
    if one["from"] is not None and one["to"] is not None:
        return _short(f.month_span(one["from"], one["to"]))
    if one["on"] is not None:
        return _short(f.day(one["on"]))
    dates = [told["data_as_of"] for told in one["sources"] if told["data_as_of"]]
    return _short(f.day(min(dates))) if dates else "—"


def _short(dated: str) -> str:
    """The year in two digits: the column is narrow."""
    return _CENTURY.sub(r"\1", dated)


def _counted(page: Page, one: Mapping[str, Any]) -> str:
    _ = page.translate
    if one["verified"] is None:
        return _("暂不计") if one["why"] == "business_income_unknown" else _("按区间")
    if not one["lines"] and one["group"] != "expenses":
        return "—"
    if isinstance(one["verified"], Mapping):
        return _("按区间")
    return _("全额") if one["counted"] else _("不计入")


def likely(formats: Formats, chance: float) -> str:
    """Two decimals; nothing is ever sure."""
    if chance >= _SURE:
        return "> 99.99 %" if formats.is_english else "> 99.99%"
    return formats.percent(chance, 2)


def why_words(page: Page, code: str | None) -> str:
    """A rule's code in words."""
    if code is None:
        return ""
    if code.startswith("base_for_"):
        months = code.removeprefix("base_for_").removesuffix("_months")
        return page.translate(N_("%(months)s 个月按缴费基数计"), months=months)
    if code.startswith("declared_"):
        return page.translate(N_("没有来源可查，按申报计"))
    return said(WHY, code, page.translate)


def _window(page: Page, one: Mapping[str, Any]) -> str:
    months = next((told["months"] for told in one["sources"] if told["months"]), None)
    return "" if not months else page.formats.month_span(months[0]["month"], months[-1]["month"])


def _source(page: Page, told: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    _, f = page.translate, page.formats
    state, sign, word = USES[told["use"]]
    is_wage = row["kind"] == "wage" and row["group"] == "income"
    name = said(LONGER, told["source"], _) if is_wage else page.source(told["source"])
    chart = words = None
    if told["months"]:
        states = [one["state"] for one in told["months"]]
        words = _(
            "%(window)s 共 %(all)s 个月：%(record)s 个月有记录，%(unknown)s 个月未知",
            window=_window(page, row),
            all=len(states),
            record=states.count("record"),
            unknown=states.count("unknown"),
        )
        chart = month_cells(states, words, is_used=told["use"] == "used")
    return {
        "used": told["use"] == "used",
        "name": name,
        "amount": _told(page, told, row),
        "chart": chart,
        "months": words,
        "probability": "—" if told["probability"] is None else likely(f, told["probability"]),
        "answered": "—" if told["answered_at"] is None else f.instant(told["answered_at"]),
        "as_of": "—" if told["data_as_of"] is None else f.day(told["data_as_of"]),
        "records": told["records"],
        "state": state,
        "sign": sign,
        "use": word and _(word),
        "why": _why(page, told),
    }


def _why(page: Page, told: Mapping[str, Any]) -> str:
    """Of a source that did not answer: what it said, and how often it was tried."""
    _, words = page.translate, why_words(page, told["why"])
    if told["reason"] is not None and told["use"] == "open":
        return f"{said(REASONS, told['reason'], _)}，{words}" if words else ""
    if told["state"] == "failed" and told["attempts"]:
        return _("查询 %(times)s 次失败；%(words)s", times=told["attempts"], words=words)
    return words


def _line(page: Page, line: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    details = line["details"]
    named = [details[key] for key in ("bank", "product", "code", "area") if details.get(key)]
    return {
        "id": line["id"],
        "value": "" if row["unit"] == "pieces" else page.formats.money(line["value"]),
        "about": "，".join(str(one) for one in (line["payer"], *named) if one),
        "on": "" if line["on"] is None else page.formats.day(line["on"]),
        "counted": line["counted"],
        "why": why_words(page, line["why"]),
    }


_SURE: Final = 0.99995
_EVIDENCE_SHOWN: Final = 3
_CENTURY: Final = re.compile(r"\b20([0-9]{2})")


def _evidence(page: Page, one: Mapping[str, Any]) -> dict[str, Any]:
    """The first record of each source, and how many there are."""
    firsts = [
        (page.source(told["source"]), told["evidence"][0])
        for told in one["sources"]
        if told["evidence"]
    ]
    every = {ev for told in one["sources"] for ev in told["evidence"]}
    return {"firsts": firsts[:_EVIDENCE_SHOWN], "count": len(every)}


def _order(page: Page, one: Mapping[str, Any]) -> str:
    """In which order sources are trusted, and since when that rule holds."""
    _, rule = page.translate, page.document["rule"]
    since = page.formats.day(rule["since"])
    if one["kind"] == "wage" and one["sources"]:
        arrow = " → ".join(page.source(told["source"]) for told in one["sources"])
        return _("次序：%(order)s（执行标准 %(since)s 起）", order=arrow, since=since)
    return _("执行标准 %(since)s 起", since=since)
