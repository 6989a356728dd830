"""What a report says was found: outcomes, values, what is to be looked at, sources, notes."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from app.report.compared import SUPPORT
from app.report.said import Said
from app.report.sheet_form import Block, Content, Names, table, text

_SIGN: Final = {True: "✓", False: "×", None: "?"}
_LEAST: Final = 0.00005
"""Of a cause of error: less shows as nothing."""
_WITHOUT_LIMIT: Final = frozenset({"identity_verified", "holds_one_of"})


def decisions(content: Content, say: Said) -> list[Block]:
    return [_decision(one, say) for one in (content.get("result") or {}).get("decisions", ())]


def _decision(one: Content, say: Said) -> Block:
    low, high = one["error_rate_interval"]
    rate = say.percent(one["error_rate"])
    span = f"{say.percent(low)} – {say.percent(high)}"
    has_values = any("value" in test for test in one["tests"])
    rows = [_test(test, say, has_values=has_values) for test in one["tests"]]
    head = [say("标准", "Test"), say("结果", "Result")]
    if has_values:
        head = [say("标准", "Test"), say("核定", "Verified"), say("限额", "Limit"), head[1]]
    lines = [say(f"标准版本：{one['standard']}", f"Standard: {one['standard']}")]
    every = one.get("error_causes") or {}
    causes = {code: share for code, share in every.items() if share >= _LEAST}
    if causes:
        shares = say.listed(
            [f"{say.word('cause_' + code)} {share * 100:.2f}" for code, share in causes.items()]
        )
        lines.append(
            say(f"差错率构成（百分点）：{shares}", f"Causes (percentage points): {shares}")
        )
    return {
        "kind": "outcome",
        "title": say.word(one["programme"]) + say("：", ": ") + say.word(one["outcome"]),
        "outcome": one["outcome"],
        "aside": say(
            f"预测差错率 {rate}（95% 区间 {span}）", f"predicted error rate {rate} (95% {span})"
        ),
        "table": table(head, rows, "1aaa" if has_values else "1a", "lrrl" if has_values else "ll"),
        "lines": lines,
    }


def _test(test: Content, say: Said, *, has_values: bool) -> list[str]:
    told = {True: say("符合", "met"), False: say("不符合", "not met"), None: say("待核", "open")}
    result = f"{_SIGN[test['passed']]} {told[test['passed']]}"
    if not has_values:
        return [say.word(test["test"]), result]
    if test["test"] in _WITHOUT_LIMIT or (test["value"] is None and test["limit"] is None):
        return [say.word(test["test"]), "—", "—", result]
    limit = "—" if test["limit"] is None else say.amount(test["limit"])
    return [say.word(test["test"]), say.amount(test["value"]), limit, result]


def values(content: Content, say: Said, names: Names) -> list[Block]:
    """Declared against verified; content of form 1 has the verified lines alone."""
    rows = content.get("values")
    if rows is None:
        rows = [_of_form_1(one) for one in _lines_of_form_1(content)]
    head = [
        say("项目", "Item"),
        say("成员", "Person"),
        say("申报（元）", "Declared (CNY)"),
        say("核定（元）", "Verified (CNY)"),
        say("比对", "Comparison"),
        say("来源", "Sources"),
        say("期间、时点", "Period, date"),
        say("计入", "Counted"),
    ]
    shown = [_value(row, say, names) for row in rows]
    blocks = [table(head, shown, "3aaaa2aa", "llrrllll")] if shown else []
    totals = ((content.get("result") or {}).get("profile") or {}).get("totals") or {}
    if totals:
        blocks.append(text(_totals(totals, say)))
    return blocks


def _value(row: Content, say: Said, names: Names) -> list[str]:
    difference = row.get("difference")
    compared = "—" if row["compared"] is None else say.word(row["compared"])
    if difference is not None:
        compared += f" {say.amount(difference)}"
    is_support = (row["group"], row["kind"]) == ("income", SUPPORT)
    declared = "—" if is_support else say("未申报", "not declared")
    name = names[row["person"]]
    if is_support and row["person"] is not None:
        name = say("赡养人", "obligor ") + name
    counted = {
        "whole": say("全额", "whole"),
        "part": say("部分", "part"),
        "none": say("不计", "no"),
    }
    return [
        _kind(row, say),
        name,
        declared if row["declared"] is None else say.amount(row["declared"]),
        say.amount(row["verified"]),
        compared,
        say.listed([say.word(one) for one in row["sources"]]) or "—",
        say.span(row["from"], row["to"]),
        "—" if row["counted"] is None else counted[row["counted"]],
    ]


def _kind(row: Content, say: Said) -> str:
    code = f"{row['group']}_{row['kind']}"
    told = say.word(code)
    return say.word(row["kind"]) if told == code else told


def _lines_of_form_1(content: Content) -> list[Content]:
    profile = (content.get("result") or {}).get("profile") or {}
    return [*profile.get("income", ()), *profile.get("assets", ())]


def _of_form_1(line: Content) -> dict[str, Any]:
    is_income = "monthly" in line
    return {
        "group": "income" if is_income else "assets",
        "kind": line["kind"],
        "person": line["person"],
        "declared": None,
        "verified": line["monthly"] if is_income else line["value"],
        "compared": None,
        "sources": line["sources"],
        "from": line.get("from"),
        "to": line.get("to") or line.get("on"),
        "counted": "whole" if line["counted"] else "none",
    }


_SHOWN: Final = (
    "household_size",
    "monthly_income",
    "monthly_income_per_person",
    "financial_assets",
    "financial_assets_per_person",
)


def _totals(totals: Mapping[str, Any], say: Said) -> str:
    told = [f"{say.word(name)} {say.amount(totals[name])}" for name in _SHOWN if name in totals]
    return say(f"合计：{say.listed(told)}。", f"Totals: {say.listed(told)}.")


def findings(content: Content, say: Said, names: Names) -> list[Block]:
    """What is to be looked at; where it could change an outcome, it says so."""
    rows = [
        [
            say.word(one["code"]) + _about(one, say),
            names[one["person"]],
            "—" if one["declared"] is None else say.amount(one["declared"]),
            "—" if one["verified"] is None else say.amount(one["verified"]),
            _effect(one, say),
        ]
        for one in (content.get("result") or {}).get("findings", ())
    ]
    head = [
        say("事项", "Finding"),
        say("成员", "Person"),
        say("申报", "Declared"),
        say("反馈", "Found"),
        say("对结论的影响", "Effect on the outcome"),
    ]
    return [table(head, rows, "1aaaa", "llrrl")] if rows else []


def _about(finding: Content, say: Said) -> str:
    """Of which source or kind: a code of ours; other details are not for paper."""
    detail = finding.get("detail")
    return say.bracketed(say.word(detail)) if say.knows(detail) else ""


def _effect(finding: Content, say: Said) -> str:
    decisive = finding.get("decisive")
    if decisive is None:
        return "—"
    return say("可能影响", "may change it") if decisive else say("不影响", "none")


def sources(content: Content, say: Said, names: Names) -> list[Block]:
    """Asked, answered, missing; one row a source, with what it told of whom and when."""
    blocks = []
    covered = content.get("coverage")
    if covered is not None:
        blocks.append(text(_coverage(covered, say, names)))
    by_source: dict[str, list[Content]] = {}
    for one in content["sources"]:
        by_source.setdefault(one["source"], []).append(one)
    if by_source:
        head = [
            say("来源", "Source"),
            say("结果", "Result"),
            say("数据时点", "Data as of"),
            say("反馈时间", "Answered"),
        ]
        rows = [_source(source, some, say, names) for source, some in by_source.items()]
        blocks.append(table(head, rows, "a1aa"))
    return blocks


def _coverage(covered: Content, say: Said, names: Names) -> str:
    missing = [
        say.word(one["source"])
        + (
            say("：", ": ") + say.listed([names[ref] for ref in one["persons"]])
            if one["persons"]
            else ""
        )
        for one in covered["missing"]
    ]
    told = f"（{'；'.join(missing)}）" if missing else ""
    told_en = f" ({'; '.join(missing)})" if missing else ""
    left_out = [say.word(one) for one in covered["not_asked"]]
    more = f"未查询 {len(left_out)} 个（{say.listed(left_out)}）。" if left_out else ""
    more_en = f" Not asked: {say.listed(left_out)}." if left_out else ""
    return say(
        f"核对 {covered['asked']} 个来源，已全部反馈 {covered['answered']} 个，"
        f"未全部反馈 {len(missing)} 个{told}。{more}未反馈的来源按未知处理，不按零处理。",
        f"{covered['asked']} sources asked, {covered['answered']} answered in full, "
        f"{len(missing)} did not{told_en}.{more_en} What did not answer is unknown, not zero.",
    )


def _source(source: str, some: Sequence[Content], say: Said, names: Names) -> list[str]:
    by_result: dict[str, list[str]] = {}
    for one in some:
        by_result.setdefault(_result(one, say), []).append(names[one["person"]])
    alike = len(by_result) == 1
    told = [
        result if alike else f"{say.listed(whose)} {result}" for result, whose in by_result.items()
    ]
    days = sorted({one["data_as_of"] for one in some if one["data_as_of"]})
    answered = [one["answered_at"] for one in some if one["answered_at"]]
    return [
        say.word(source),
        say("；", "; ").join(told),
        say.day(days[0]) if days else "—",
        say.instant(max(answered, default=None)),
    ]


def _result(one: Content, say: Said) -> str:
    word = say.word(one["state"])
    if one["state"] == "answered":
        return f"{word} {one['records']}"
    reason = one.get("reason")
    return word if reason is None else word + say.bracketed(say.word(reason))


def notes(content: Content, say: Said) -> list[Block]:
    """The fixed notes of its time, and what judged."""
    items = list(content["notes"][say.language])
    models = content["head"].get("models")
    if models:
        told = say.listed(
            [f"{say.word('model_' + name)} {version}" for name, version in sorted(models.items())]
        )
        items.append(say(f"模型版本：{told}。", f"Models: {told}."))
    return [text(f"{at}. {one}") for at, one in enumerate(items, 1)]
