"""The document of a case with the language of the page that shows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.report.render import word
from app.web.case_words import SOURCES, Translate, said
from app.web.code_words import PROGRAMMES
from app.web.formats import Formats


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
    """`source:housing_fund:m2` and the like, as a sentence."""
    _, (kind, _sep, rest) = page.translate, subject.partition(":")
    what, _sep, who = rest.partition(":")
    if kind == "source":
        return _("补查%(name)s的%(source)s", name=page.name(who), source=page.source(what))
    if kind == "review":
        return _("判断 %(count)s 条记录是不是本人的", count=len(rest.split("|")))
    words = {
        "business_income": _("请%(name)s申报经营收入", name=page.name(who)),
        "income_proof": _("请%(name)s提供收入证明", name=page.name(who)),
        "asset_proof": _("请%(name)s提供财产证明", name=page.name(who)),
        "amount_proof": _("请%(name)s提供金额证明", name=page.name(who)),
        "consent": _("取得%(name)s的授权", name=page.name(who)),
        "members": _("核实家庭人口"),
    }
    return words.get(what, _("请家庭补充说明：%(what)s", what=what))
