"""Who a report is of, and what names it."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.report.content import SUSPENSION
from app.report.said import Said
from app.report.sheet_form import Block, Content, Names, table, text


def facts(content: Content, say: Said) -> list[list[str]]:
    """Label and value of what names the report."""
    head = content["head"]
    consent = head.get("consent_state") or {}
    state = say.bracketed(say.word(consent["state"])) if consent else ""
    return [
        [say("报告编号", "Number"), head["number"]],
        [say("版本", "Version"), say(f"第 {head['version']} 版", str(head["version"]))],
        [say("救助项目", "Programmes"), say.listed([say.word(one) for one in head["programmes"]])],
        [say("核对用途", "Purpose"), say.word(head["purpose"])],
        [say("核对时点", "As of"), say.day(head["as_of"])],
        [say("案卷号", "Case"), head["case_reference"]],
        [say("出具日期", "Issued"), say.day(head["issued_at"])],
        [say("有效期至", "Valid until"), say.day(head["valid_until"])],
        [say("区划", "Region"), head["region"]],
        [say("授权书", "Consent"), f"{head['consent']}{state}"],
    ]


def persons(content: Content, say: Said, names: Names) -> list[Block]:
    profile = (content.get("result") or {}).get("profile") or {}
    states = {one["ref"]: one for one in profile.get("persons", ())}
    members = [one for one in content["persons"] if one["role"] == "member"]
    supporters = [one for one in content["persons"] if one["role"] != "member"]
    head = [
        say("姓名", "Name"),
        say("关系", "Relation"),
        say("证件号码", "Number"),
        say("身份", "Identity"),
        say("户籍", "Registry"),
        say("授权", "Consent"),
    ]
    rows = [
        [
            names[one["ref"]],
            say.word(one["relationship"]) + _excluded(one, say),
            one["id_number"] or "—",
            _identity(states.get(one["ref"]), say),
            _registry(one, say),
            say.word(one["consent"]) if "consent" in one else "—",
        ]
        for one in members
    ]
    blocks = [_without_empty(table(head, rows, "aa1aaa"))]
    if supporters:
        blocks.append(text(say("赡（抚、扶）养人", "Supporters")))
        blocks.append(_supporters(supporters, states, say, names))
    return blocks


def _without_empty(block: Block) -> Block:
    """Columns of which this variant shows nothing are left out."""
    kept = [at for at in range(len(block["head"])) if any(row[at] != "—" for row in block["rows"])]
    parts = {name: [block[name][at] for at in kept] for name in ("head", "widths", "align")}
    if "1" not in parts["widths"] and parts["widths"]:
        parts["widths"][-1] = "1"
    return {**block, **parts, "rows": [[row[at] for at in kept] for row in block["rows"]]}


def _supporters(
    some: Sequence[Content], states: Mapping[str, Any], say: Said, names: Names
) -> Block:
    head = [
        say("姓名", "Name"),
        say("关系", "Relation"),
        say("证件号码", "Number"),
        say("身份", "Identity"),
        say("授权", "Consent"),
        say("家庭人口", "Household"),
        say("申报赡养费（元/月）", "Declared (CNY/month)"),
    ]
    rows = [
        [
            names[one["ref"]],
            say.word(one["relationship"]),
            one["id_number"] or "—",
            _identity(states.get(one["ref"]), say) if _was_asked(one) else say.word("not_asked"),
            say.word(one["consent"]) if "consent" in one else "—",
            str(one.get("household_size", "—")),
            _told(one.get("declared_payment_monthly"), say),
        ]
        for one in some
    ]
    return table(head, rows, "aa1aaaa", "lllllrr")


def _was_asked(one: Content) -> bool:
    """A supporter who did not sign is not asked about."""
    return one.get("consent") != "not_signed"


def _told(value: Any, say: Said) -> str:
    return say("未申报", "not declared") if value is None else say.amount(value)


def _excluded(one: Content, say: Said) -> str:
    if not one.get("excluded"):
        return ""
    return say.bracketed(say.word(f"excluded_{one['excluded']}"))


def _identity(state: Content | None, say: Said) -> str:
    if state is None:
        return "—"
    code = state["identity"]["state"]
    return say.word(f"identity_{code}" if code == "not_found" else code)


def _registry(one: Content, say: Said) -> str:
    if "in_registry" not in one:
        return "—"
    if not one["in_registry"]:
        return say("无户籍反馈", "none")
    if one["agricultural"] is None:
        return say("在册", "registered")
    return say("农业", "rural") if one["agricultural"] else say("非农业", "urban")


def suspended(content: Content, say: Said) -> list[Block]:
    if content["head"].get("kind") != SUSPENSION:
        return []
    reason = say.word(content["head"]["reason"])
    words = say(f"核对于出具日期中止：{reason}。", f"Suspended on the day of issue: {reason}.")
    return [text(words)]
