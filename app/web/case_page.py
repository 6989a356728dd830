"""The document of a case with the language of the page that shows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from app.report.render import word
from app.web.case_words import ASSETS, INCOME, SOURCES, Translate, said
from app.web.code_words import PROGRAMMES
from app.web.formats import Formats
from app.web.kind_words import ABOUT


@dataclass(frozen=True)
class Page:
    """The interface's document with the page's language."""

    document: Mapping[str, Any]
    translate: Translate
    formats: Formats

    @property
    def verification(self) -> Mapping[str, Any]:
        shown: Mapping[str, Any] = self.document["verification"]
        return shown

    @property
    def names(self) -> dict[str, str]:
        """Masked, by ref."""
        return {one["ref"]: one["name"] for one in self.document["persons"]}

    def name(self, ref: str | None) -> str:
        return self.names.get(ref or "", ref or "")

    def programme(self, key: str) -> str:
        """The field's short word, or the standard's own name."""
        language = self.formats.language
        if key in PROGRAMMES:
            return self.translate(PROGRAMMES[key])
        for one in self.document["standards"]:
            if one["programme"] == key:
                return str(one["name"].get(language, key))
        return word(key, language)

    def source(self, key: str) -> str:
        return said(SOURCES, key, self.translate)

    def right(self, action: str) -> Mapping[str, Any]:
        one: Mapping[str, Any]
        (one,) = (one for one in self.document["rights"] if one["action"] == action)
        return one


def action_words(page: Page, subject: str) -> str:
    """What a person can do: `source:housing_fund:m2` and the like, as a sentence."""
    _, (kind, _sep, rest) = page.translate, subject.partition(":")
    what, _sep, who = rest.partition(":")
    if kind == "source":
        return _("补查%(name)s的%(source)s", name=page.name(who), source=page.source(what))
    if kind == "review":
        return _("判断 %(count)s 条记录是不是本人的", count=len(rest.split("|")))
    if kind in _QUESTIONS:
        return _question_words(page, kind, rest)
    words = {
        "business_income": _("请%(name)s申报经营收入", name=page.name(who)),
        "income_proof": _("请%(name)s提供收入证明", name=page.name(who)),
        "asset_proof": _("请%(name)s提供财产证明", name=page.name(who)),
        "amount_proof": _("请%(name)s提供金额证明", name=page.name(who)),
        "consent": _("取得%(name)s的授权", name=page.name(who)),
        "members": _("核实家庭人口"),
        "document": _("请%(name)s提供证明材料", name=page.name(who)),
        "phone_call": _("电话向%(name)s核实", name=page.name(who)),
    }
    return words.get(what, _("请家庭补充说明"))


def conflict_item(found: Mapping[str, Any]) -> str | None:
    """The review item of a finding that sources differ; None of any other finding."""
    is_conflict = str(found.get("subject") or "").startswith("conflict:")
    return str(found["item"]) if is_conflict and found.get("item") else None


def conflict_kinds(found: Mapping[str, Any]) -> frozenset[str]:
    """The kinds of values about which the finding says that sources differ."""
    return _DIFFERING.get(str(found.get("subject") or "").split(":")[1], frozenset())


_DIFFERING: Final = {
    "wage": frozenset({"wage"}),
    "account": frozenset({"deposit", "wealth_product"}),
    "home": frozenset({"home"}),
}
_QUESTIONS: Final = frozenset({"conflict", "declared", "anomaly", "undeclared"})
"""Of which a person settles what holds."""


def _question_words(page: Page, kind: str, rest: str) -> str:
    """`conflict:wage:m1:…`, `declared:income:m1:wage`, `anomaly:…` or `undeclared:…`."""
    _, parts = page.translate, rest.split(":")
    name = page.name(parts[1]) if len(parts) > 1 else ""
    if kind == "conflict":
        return _("%(name)s%(what)s来源冲突，确定采用哪个", name=name, what=said(ABOUT, parts[0], _))
    if kind == "declared":
        what = said({**INCOME, **ASSETS}, parts[-1], _)
        return _("%(name)s%(what)s与申报不一致，听取说明", name=name, what=what)
    if kind == "anomaly":
        return _("核对异常值")
    return _("户籍上有未申报的家庭成员，核实")
