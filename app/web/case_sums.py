"""Sums that a case's page shows: of a group of values, and how a wage comes from its sources."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from app.web.case_page import Page
from app.web.i18n import N_


def group_sums(
    page: Page, key: str, whole: str | None, each: str | None
) -> Iterator[tuple[str, str]]:
    """Words and amounts of a group's head; rows add up to the first of them."""
    totals, _, f = page.document["totals"] or {}, page.translate, page.formats
    profile = page.verification["profile"]
    off = "0.00" if profile is None else profile["deductions_monthly"]
    if key == "income" and Decimal(off) and whole in totals:
        yield _("合计"), f.money(page.document["income_before_deductions"])
        yield _("每月扣减"), f.money(off)
        yield _("扣减后"), f.money(totals[whole])
    elif whole is not None and whole in totals:
        yield _("合计"), f.money(totals[whole])
    if each is not None and each in totals:
        yield _("人均"), f.money(totals[each])
    if key == "expenses" and profile is not None:
        yield _("每月扣减"), f.money(off)


def wage_sum(page: Page, row: Mapping[str, Any]) -> list[str]:
    """How gross pay leads to what counts, as sentences; none for anything but a wage."""
    found = row["wage_sum"]
    if found is None:
        return []
    _, money = page.translate, page.formats.money
    parts = {name: money(found[name]) for name in ("gross", "tax", "own", "raised", "counted")}
    sum_ = page.translate(
        N_("毛收入 %(gross)s − 税 %(tax)s − 个人缴费 %(own)s = %(counted)s"), **parts
    )
    if Decimal(found["raised"]):
        sum_ = page.translate(
            N_(
                "毛收入 %(gross)s − 税 %(tax)s − 个人缴费 %(own)s "
                "+ 超过当月毛收入的扣除 %(raised)s（每月不低于零）= %(counted)s"
            ),
            **parts,
        )
    words = [
        _("%(months)s 个月合计：%(sum)s", months=found["months"], sum=sum_),
        _monthly(page, found),
    ]
    if found["floor_months"]:
        words.append(
            _(
                "其中 %(months)s 个月缴费基数等于下限 %(floor)s，按最低工资 %(wage)s 计",
                months=found["floor_months"],
                floor=money(found["floor"]),
                wage=money(found["minimum_wage"]),
            )
        )
    return words


def _monthly(page: Page, found: Mapping[str, Any]) -> str:
    monthly = Decimal(found["counted"]) / found["window_months"]
    told = {"months": found["window_months"], "each": page.formats.money(f"{monthly:.2f}")}
    if found["exact"]:
        return page.translate(N_("÷ %(months)s = 每月计入 %(each)s"), **told)
    return page.translate(
        N_("÷ %(months)s = 每月至多 %(each)s（还有来源没有反馈，按区间计）"), **told
    )
