"""Audits as tables in a terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table


def _table(title: str, *columns: str) -> Table:
    """Names to the left, numbers to the right."""
    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column, justify="right" if column in _NUMBERS else "left")
    return table


_NUMBERS = frozenset(
    {"frame", "drawn", "twice", "read", "wrong", "rate", "95 %", "±", "expected", "limit", "power"}
)


def plan_table(plan: Mapping[str, Any]) -> Table:
    table = _table("decisions to draw", "what", "value")
    for name, value in plan.items():
        table.add_row(name.replace("_", " "), "any number" if value is None else str(value))
    return table


def head_table(samples: Sequence[Mapping[str, Any]]) -> Table:
    table = _table("audits", "id", "region", "state", "programmes", "kinds", "drawn at", "drawn")
    for one in samples:
        table.add_row(
            one["id"],
            one["region"],
            one["state"],
            ", ".join(one["programmes"]),
            ", ".join(one["kinds"]),
            one["drawn_at"],
            str(sum(part["drawn"] for part in (*one["strata"], *one["risk"]))),
        )
    return table


def sample_tables(sample: Mapping[str, Any]) -> list[Table]:
    frame = sample["frame"]
    title = f"{sample['id']}: {sample['region']}, {frame['final_from']} to {frame['final_until']}"
    kinds = _table(title, "kind", "frame", "drawn", "expected", "±", "limit", "power")
    for one in sample["planned"]:
        kinds.add_row(
            one["kind"],
            str(one["frame"]),
            str(one["drawn"]),
            percent(one["expected_rate"]),
            percent(one["half_width"]),
            percent(one["tolerance"]),
            percent(one["power"]),
        )
    by_risk = ", ".join(f"{one['drawn']} {one['kind']}" for one in sample["risk"]) or "none"
    kinds.caption = f"seed {sample['seed']}; frame {frame['digest']}; by risk: {by_risk}"
    if "same_again" in sample:
        again = "the same" if sample["same_again"] else "ANOTHER SAMPLE"
        kinds.caption += f"; drawn again: {again}"
    strata = _table("strata", "kind", "stratum", "frame", "drawn", "twice")
    for one in sample["strata"]:
        numbers = (str(one[name]) for name in ("frame", "drawn", "second"))
        strata.add_row(one["kind"], one["stratum"], *numbers)
    return [kinds, strata]


def result_tables(results: Mapping[str, Any]) -> list[Table]:
    """Rates, each with its interval; no point where there are too few.

    By groups too, but for those errors of which none was found.
    """
    done = results["readings"]
    title = f"{results['audit']} ({results['state']})"
    rates = _table(title, "error", "among", "read", "wrong", "rate", "95 %", "limit", "verdict")
    for one in results["measures"]:
        if one["overall"] is not None:
            _add_measure(rates, one)
    _add_money(rates, results["money"])
    staff = {"procedure": "staff_relation", **results["staff_relation"]}
    for one in (*results["procedure"], staff):
        rates.add_row(one["procedure"], "all", *_rate(one), "", "")
    rates.caption = (
        f"first readings {done['first']['done']} of {done['first']['due']}, second "
        f"{done['second']['done']} of {done['second']['due']}; "
        f"told {percent(done['response_rate'])} of the random part"
    )
    return [rates, *_by_risk(results["risk_supplement"])]


def _add_measure(rates: Table, one: Mapping[str, Any]) -> None:
    limit = percent(one["tolerance"])
    rates.add_row(one["measure"], one["kind"], *_rate(one["overall"]), limit, one["verdict"] or "")
    second = one["second_reading"]
    if second is not None:
        corrected = _rate(second["corrected"])
        rates.add_row(
            "", "as second readers correct it", *corrected, limit, second["verdict"] or ""
        )
    if not one["overall"]["found"]:
        return
    for name, key in (("programmes", "programme"), ("regions", "region"), ("bands", "band")):
        for group in one[name] if len(one[name]) > 1 else ():
            rates.add_row("", group[key], *_rate(group), "", "", style="dim")


def _add_money(rates: Table, money: Mapping[str, Any] | None) -> None:
    if money is None:
        return
    if "unknown" in money:
        rates.add_row("money", money["unknown"], *[""] * 6)
        return
    for side in ("over", "under", "total"):
        whole = side == "total"
        verdict = (percent(money["tolerance"]), money["verdict"] or "") if whole else ("", "")
        paid = f"{money[side]['error_monthly']} of {money[side]['paid_monthly']} yuan a month"
        rates.add_row(f"money {side}", paid, *_rate(money[side]), *verdict)


def _by_risk(parts: Sequence[Mapping[str, Any]]) -> list[Table]:
    if not parts:
        return []
    table = _table("drawn by risk: in no rate", "kind", "drawn", "read", "wrong", "expected")
    for one in parts:
        numbers = (str(one["drawn"]), str(one["told"]), str(one["wrong"]))
        table.add_row(one["kind"], *numbers, f"{one['predicted_wrong']:.1f}")
    return [table]


def _rate(rate: Mapping[str, Any]) -> tuple[str, str, str, str]:
    low, high = rate["interval"]
    few = rate.get("too_few")
    point = percent(rate["rate"]) if few is None else f"too few: {few['needed']} needed"
    return str(rate["n"]), str(rate["found"]), point, f"{percent(low)} – {percent(high)}"


def percent(share: float | None) -> str:
    """Two places; nothing where it is not known."""
    return "" if share is None else f"{share:.2%}"
