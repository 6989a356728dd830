"""Who is given what of a report 报告用途: all of it, conclusions alone, or one's own family's.

A variant is made when it is read: the content that was signed is one, whoever reads it.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

import orjson


class Variant(StrEnum):
    """`full`: the county's. `township`: masked, conclusions only. `applicant`: own family, no
    obligor's details."""

    FULL = "full"
    TOWNSHIP = "township"
    APPLICANT = "applicant"


_OF_SUPPORT: Final = "support_"
"""How lines of what supporters pay begin their reason: amount and formula are the family's."""


def of_variant(content: Mapping[str, Any], variant: Variant) -> dict[str, Any]:
    """The content as the variant shows it; of any form."""
    match variant:
        case Variant.FULL:
            return dict(content)
        case Variant.TOWNSHIP:
            return {**_conclusions(content), "variant": variant.value}
        case Variant.APPLICANT:
            return {**_own_family(content), "variant": variant.value}


def _conclusions(content: Mapping[str, Any]) -> dict[str, Any]:
    """Who, which outcome, which tests were met; no amount, and of sources only how many."""
    persons = [
        {
            **{name: value for name, value in one.items() if name in _OF_A_PERSON},
            "id_number": "",
        }
        for one in content["persons"]
        if one["role"] == "member"
    ]
    result = content.get("result")
    return {
        **content,
        "persons": persons,
        "sources": [],
        "values": [],
        "coverage": _counts(content.get("coverage")),
        "result": None if result is None else _outcomes(result, {one["ref"] for one in persons}),
    }


_OF_A_PERSON: Final = ("ref", "role", "name", "relationship", "excluded", "consent")


def _counts(coverage: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if coverage is None:
        return None
    missing = [
        {"source": one["source"], "persons": [], "states": []} for one in coverage["missing"]
    ]
    return {**coverage, "missing": missing}


def _outcomes(result: Mapping[str, Any], members: set[str]) -> dict[str, Any]:
    profile = result.get("profile") or {}
    return {
        "decisions": [
            {
                **{name: one.get(name) for name in _OF_A_DECISION},
                "tests": [
                    {"test": test["test"], "passed": test["passed"]} for test in one["tests"]
                ],
            }
            for one in result["decisions"]
        ],
        "findings": [],
        "also_confirmed_for": [],
        "profile": {
            "persons": [one for one in profile.get("persons", ()) if one["ref"] in members],
            "income": [],
            "assets": [],
            "totals": {},
        },
    }


_OF_A_DECISION: Final = ("programme", "standard", "outcome", "error_rate", "error_rate_interval")


def _own_family(content: Mapping[str, Any]) -> dict[str, Any]:
    """Nothing of a supporter but what he or she pays the family, without a name."""
    persons = [one for one in content["persons"] if one["role"] == "member"]
    members = {one["ref"] for one in persons}
    result = content.get("result")
    return {
        **content,
        "persons": persons,
        "sources": [one for one in content["sources"] if one["person"] in members],
        "values": [
            row if row["person"] in members else _anonymous(row)
            for row in content.get("values", ())
            if row["person"] in members or _is_support(row["why"])
        ],
        "coverage": _of_members(content.get("coverage"), members),
        "result": None if result is None else _of_family(result, members),
    }


def _is_support(why: object) -> bool:
    words = why if isinstance(why, list) else [why]
    return any(isinstance(one, str) and one.startswith(_OF_SUPPORT) for one in words)


def _anonymous(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "person": None, "sources": []}


def _of_members(coverage: Mapping[str, Any] | None, members: set[str]) -> dict[str, Any] | None:
    if coverage is None:
        return None
    missing = [
        {**one, "persons": [ref for ref in one["persons"] if ref in members]}
        for one in coverage["missing"]
    ]
    kept = [one for one in missing if one["persons"]]
    return {**coverage, "missing": kept, "answered": coverage["asked"] - len(kept)}


def _of_family(result: Mapping[str, Any], members: set[str]) -> dict[str, Any]:
    profile = result.get("profile")
    shown = None
    if profile is not None:
        shown = {
            **profile,
            "persons": [one for one in profile["persons"] if one["ref"] in members],
            "income": [
                line if line["person"] in members else _line(line)
                for line in profile["income"]
                if line["person"] in members or _is_support(line["why"])
            ],
            "assets": [line for line in profile["assets"] if line["person"] in members],
        }
    decisions = [
        {
            **one,
            "missing": [],
            "next_actions": [],
            "tests": [{**test, "missing": []} for test in one["tests"]],
        }
        for one in result["decisions"]
    ]
    findings = [one for one in result.get("findings", ()) if one["person"] in {None, *members}]
    return {**result, "profile": shown, "decisions": decisions, "findings": findings}


def _line(line: Mapping[str, Any]) -> dict[str, Any]:
    return {**_anonymous(line), "evidence": [], "payer": None}


def of_variant_bytes(content: bytes, variant: Variant) -> bytes:
    """The content itself, byte for byte, where all of it is shown."""
    if variant is Variant.FULL:
        return content
    shown = of_variant(orjson.loads(content), variant)
    return orjson.dumps(shown, option=orjson.OPT_SORT_KEYS)
