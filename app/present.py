"""A verification on the terminal, readable."""

from typing import Any

from rich.console import Console
from rich.table import Table

_SIGNS = {True: "[green]✓[/green]", False: "[red]✕[/red]", None: "[yellow]?[/yellow]"}


def amount(value: Any) -> str:
    """A total as text; an interval with its ends, an unknown end open."""
    if value is None:
        return "—"
    if isinstance(value, dict):
        high = value["max"]
        return f"≥ {value['min']}" if high is None else f"{value['min']} – {high}"
    return str(value)


def print_verification(document: dict[str, Any], console: Console) -> None:
    """Sources, income, assets, totals, findings and decisions of one verification."""
    console.rule(f"[bold]{document['case_reference']}[/bold] {document['status']}")
    console.print(_sources(document["sources"]))
    profile = document["profile"]
    if profile is None:
        console.print("no profile yet")
        return
    console.print(_persons(profile["persons"]))
    console.print(_lines("Income, yuan a month 收入", profile["income"], "monthly"))
    console.print(_lines("Assets, yuan 财产", profile["assets"], "value"))
    console.print(_totals(profile["totals"]))
    console.print(_findings(document["findings"]))
    for decision in document["decisions"]:
        _decision(decision, console)
    if document["also_confirmed_for"]:
        console.print(f"also confirmed for 另可认定: {', '.join(document['also_confirmed_for'])}")
    report = document["report"]
    if report:
        console.print(f"Report 核对报告 {report['number']} v{report['version']}", end=" ")
        console.print(f"valid until {report['valid_until']}")


def _sources(rows: list[dict[str, Any]]) -> Table:
    persons = list(dict.fromkeys(row["person"] for row in rows))
    table = Table(title="Sources 信息源 (records, or the state)", title_justify="left")
    table.add_column("source")
    for person in persons:
        table.add_column(person)
    for source in dict.fromkeys(row["source"] for row in rows):
        cells = []
        for person in persons:
            row = next(one for one in rows if (one["source"], one["person"]) == (source, person))
            cells.append(str(row["records"]) if row["state"] == "answered" else row["state"])
        table.add_row(source, *cells)
    return table


def _persons(rows: list[dict[str, Any]]) -> Table:
    table = Table("person", "identity", "probability", "counted", title="Persons 成员")
    for row in rows:
        probability = row["identity"]["probability"]
        shown = "" if probability is None else f"{probability:.6f}"
        counted = "yes" if row["counted"] else row["why"] or "no"
        table.add_row(row["ref"], row["identity"]["state"], shown, counted)
    return table


def _lines(title: str, rows: list[dict[str, Any]], value: str) -> Table:
    table = Table("id", "person", "kind", "amount", "sources", "counted", title=title)
    for row in rows:
        counted = "yes" if row["counted"] else "no"
        note = f"{counted} ({row['why']})" if row["why"] else counted
        table.add_row(
            row["id"],
            row["person"],
            row["kind"],
            amount(row[value]),
            ", ".join(row["sources"]) or "declared",
            note,
        )
    return table


def _totals(totals: dict[str, Any]) -> Table:
    table = Table("total", "value", title="Totals 合计")
    for name, value in totals.items():
        table.add_row(name, amount(value))
    return table


def _findings(rows: list[dict[str, Any]]) -> Table:
    table = Table(
        "finding", "person", "declared", "verified", "decisive", "detail", title="Findings 发现"
    )
    for row in rows:
        table.add_row(
            row["code"],
            row["person"] or "",
            row["declared"] or "",
            row["verified"] or "",
            "yes" if row["decisive"] else "no",
            (row["detail"] or "")[:60],
        )
    return table


def _decision(decision: dict[str, Any], console: Console) -> None:
    low, high = decision["error_rate_interval"]
    favours = f", favours {decision['favours']}" if "favours" in decision else ""
    console.rule(f"{decision['programme']}: [bold]{decision['outcome']}[/bold]{favours}")
    for test in decision["tests"]:
        sign = _SIGNS[test["passed"]]
        console.print(
            f" {sign} {test['test']}: {amount(test['value'])} (limit {amount(test['limit'])})"
        )
    causes = ", ".join(f"{name} {part:.4f}" for name, part in decision["error_causes"].items())
    rate = decision["error_rate"]
    console.print(f" error rate 差错率 {rate:.4f} ({low:.4f} to {high:.4f}) {causes}")
    money = decision["money_error"]
    if money is not None:
        console.print(
            f" expected yuan a month: {money['over']} too much, {money['under']} too little"
        )
    for action in decision["next_actions"][:3]:
        left = f"{action['expected_rate']:.4f}"
        console.print(f" next 下一步: {action['subject']} would leave {left}", soft_wrap=True)
    if decision["missing"]:
        console.print(f" would settle it: {', '.join(decision['missing'][:8])}")
