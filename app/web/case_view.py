"""What a case's page shows above: its head, and an outcome card a programme."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from app.domain.profile import COUNT_TOTALS
from app.web.case_error import error_card
from app.web.case_page import Page, action_words
from app.web.case_words import (
    REFUSED,
    STATUSES,
    TESTS,
    said,
)
from app.web.charts_profile import bullet
from app.web.code_words import PURPOSES
from app.web.i18n import N_

_KINDS: Final = {True: "ok", False: "bad", None: "open"}


def head(page: Page) -> dict[str, Any]:
    """Who, which number and version, what for, where, as of when, how long the consent holds."""
    document, shown, f, _ = page.document, page.verification, page.formats, page.translate
    household, report = document["household"], shown["report"]
    state, status = STATUSES[shown["status"]]
    return {
        "name": household["name"],
        "size": household["size"],
        "open_items": len(document["open_items"]),
        "number": report["number"] if report else shown["case_reference"],
        "version": report["version"] if report else None,
        "case": shown["case_reference"],
        "programmes": [page.programme(one) for one in document["programmes"]],
        "purpose": said(PURPOSES, shown["purpose"], _),
        "region": shown["region"],
        "as_of": f.day(shown["as_of"]),
        "consent_until": f.day(shown["consent"]["valid_until"]),
        "consent_state": shown["consent"]["state"],
        "changed": f.instant(document["changed_at"]).removeprefix(f"{shown['as_of'][:4]}-"),
        "status": (state, _(status)),
        "is_waiting": shown["status"] in ("accepted", "querying", "partial"),
        "actions": {one["action"]: _action(page, one) for one in document["rights"]},
        "progress": document["progress"],
        "missing": [page.source(one) for one in document["progress"]["missing"]],
        "newer": document["superseded_by"],
    }


def _action(page: Page, right: Mapping[str, Any]) -> dict[str, Any]:
    why = right["why"]
    words = ""
    if why is not None:
        count = len(page.document["open_items"])
        words = page.translate(REFUSED.get(why, why), count=count)
    return {"allowed": right["allowed"], "why": words}


def cards(page: Page) -> list[dict[str, Any]]:
    """One a programme asked for, in the request's order."""
    decided = {one["programme"]: one for one in page.verification["decisions"]}
    standards = {one["programme"]: one for one in page.document["standards"]}
    return [
        _card(page, decided[key], standards[key])
        for key in page.document["programmes"]
        if key in decided
    ]


def _card(page: Page, one: Mapping[str, Any], standard: Mapping[str, Any]) -> dict[str, Any]:
    key = one["programme"]
    others = [other for other in page.document["programmes"] if other != key]
    return {
        "key": key,
        "name": page.programme(key),
        "outcome": one["outcome"],
        "favours": one.get("favours"),
        "region": standard["region"],
        "since": page.formats.day(standard["since"]),
        "tests": list(_tests(page, one["tests"])),
        "others": [
            (page.programme(other["programme"]), other["outcome"])
            for other in page.verification["decisions"]
            if other["programme"] in others
        ],
        "also": [page.programme(other) for other in page.verification["also_confirmed_for"]],
        "missing": [_missing(page, what) for what in one["missing"]],
        "error": error_card(page, one),
    }


def _tests(page: Page, tests: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Counts that are all met stand in one row: what is looked for is what is not."""
    plain = [one for one in tests if one["test"] in COUNT_TOTALS and one["passed"] is True]
    together = plain if len(plain) > 2 else []
    for one in tests:
        if one not in together:
            yield _test(page, one)
    if together:
        yield {
            "name": page.translate(N_("住房、车船等")),
            "value": "",
            "facts": "，".join(
                f"{said(TESTS, x['test'], page.translate)} {x['value']}" for x in together
            )
            if not page.formats.is_english
            else ", ".join(
                f"{said(TESTS, x['test'], page.translate)} {x['value']}" for x in together
            ),
            "chart": None,
            "limit": "",
            "passed": True,
            "word": page.translate(N_("均未超")),
            "bounds": "",
        }


def _test(page: Page, one: Mapping[str, Any]) -> dict[str, Any]:
    f, _, value, limit = page.formats, page.translate, one["value"], one["limit"]
    in_pieces = one["test"] in COUNT_TOTALS
    shown = f.amount if in_pieces else f.money
    name = said(TESTS, one["test"], _)
    text = shown(value)
    limited = "" if limit is None else _("限额 %(limit)s", limit=shown(limit))
    chart = None
    if limit is not None and value is not None and not in_pieces:
        label = f"{name}：{text}，{limited}" if not f.is_english else f"{name}: {text}, {limited}"
        chart = bullet(_bounds(value), Decimal(limit), _KINDS[one["passed"]], label)
    facts = ""
    if one["test"] == "homes":
        facts = _homes(page)
    return {
        "name": name,
        "value": text,
        "facts": facts,
        "chart": chart,
        "limit": limited,
        "passed": one["passed"],
        "word": _test_word(page, one),
        "bounds": _per_bound(page, one),
    }


def _bounds(value: Any) -> tuple[Decimal, Decimal | None]:
    if isinstance(value, Mapping):
        high = value["max"]
        return Decimal(value["min"]), None if high is None else Decimal(high)
    return Decimal(value), Decimal(value)


def _test_word(page: Page, one: Mapping[str, Any]) -> str:
    _, limit, value = page.translate, one["limit"], one["value"]
    if one["passed"] is True:
        return _("未超") if limit is not None else _("符合")
    if one["passed"] is None:
        return _("未定")
    if limit is None or value is None:
        return _("不符合")
    low, high = _bounds(value)
    over = low - Decimal(limit)
    in_pieces = one["test"] in COUNT_TOTALS
    shown = f"{over:f}" if in_pieces else page.formats.money(over)
    return _("超 %(amount)s", amount=shown if low == high else f"≥ {shown}")


def _per_bound(page: Page, one: Mapping[str, Any]) -> str:
    """Of a test that is open: what it is at either end of what is known."""
    if one["passed"] is not None or not isinstance(one["value"], Mapping) or one["limit"] is None:
        return ""
    _, f, (low, high) = page.translate, page.formats, _bounds(one["value"])
    shown = f.amount if one["test"] in COUNT_TOTALS else f.money
    at_least = _("按下限 %(low)s：未超", low=shown(str(low)))
    if high is None:
        return at_least + _("；上限未知：可能超")
    return at_least + _("；按上限 %(high)s：超", high=shown(str(high)))


def _homes(page: Page) -> str:
    totals = page.document["totals"] or {}
    area, size = totals.get("floor_area"), page.document["household"]["size"]
    if area is None or isinstance(area, Mapping) or not size:
        return ""
    each = Decimal(area) / Decimal(size)
    unit = "m²" if page.formats.is_english else "㎡"
    shown = f"{Decimal(area):.2f} {unit}"
    return page.translate(N_("%(area)s，人均 %(each)s"), area=shown, each=f"{each:.2f} {unit}")


def _missing(page: Page, what: str) -> str:
    kind, _sep, rest = what.partition(":")
    if kind == "declare":
        return action_words(page, f"household:{rest}")
    return action_words(page, what)
