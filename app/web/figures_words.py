"""Words of codes that stand in statistics and in the trail alone; others are the interface's."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from app.access.roles import ROLES
from app.report.render import word
from app.web.formats import Formats
from app.web.i18n import N_, translator

WORDS: Final[Mapping[str, str]] = {
    "refused": N_("不符合"),
    "inclusion": N_("误认定符合（错保）"),
    "class": N_("类别差错"),
    "amount": N_("金额差错"),
    "exclusion": N_("误认定不符合（漏保）"),
    "wrongly_stopped": N_("误停发（错退）"),
    "low": N_("低（不超过 5%）"),
    "middle": N_("中（5% 至 15%）"),
    "high": N_("高（超过 15%）"),
    "over": N_("多发"),
    "under": N_("少发"),
    "total": N_("合计"),
    "within": N_("未超过目标"),
    "above": N_("超过目标"),
    "cannot_tell": N_("尚不能判断"),
    "no_consent": N_("没有授权"),
    "no_visit": N_("没有入户"),
    "no_publicity": N_("没有公示"),
    "late": N_("超过时限"),
    "no_record": N_("没有记录"),
    "review_record": N_("记录是谁的"),
    "ask_source": N_("请来源答复"),
    "ask_household": N_("请家庭补充"),
    "township_clerk": N_("乡镇经办"),
    "county_checker": N_("县级核对"),
    "county_reviewer": N_("县级复核"),
    "city_officer": N_("市级管理"),
    "source_clerk": N_("数据源经办"),
    "relief_department": N_("救助部门"),
    "auditor": N_("审计监督"),
    "system_admin": N_("系统管理员"),
    "security_admin": N_("安全管理员"),
    "audit_admin": N_("审计管理员"),
}
assert ROLES.keys() <= WORDS.keys()  # noqa: S101 - a role without a word would be shown as a code


class Said:
    """One language: `said("…")` translates, `code` says a code, `f` formats."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.f = Formats(language)
        self._translate = translator(language, "stats")

    def __call__(self, text: str, **values: object) -> str:
        return self._translate(text, **values)

    def code(self, code: Any, more: Mapping[str, str] | None = None) -> str:
        """Ours, then the interface's, then the code itself."""
        text = (more or {}).get(str(code)) or WORDS.get(str(code))
        return word(str(code), self.language) if text is None else self._translate(text)

    def share(self, value: float | None, digits: int = 1) -> str:
        """Of things that were counted: none of them is 0, not a bound."""
        if value is None:
            return self.f.unknown
        return f"{value * 100:.{digits}f}{' ' if self.language == 'en' else ''}%"

    def between(self, bounds: Sequence[float]) -> str:
        """An interval in a column that says of which level it is."""
        low, high = (f"{one * 100:.2f}" for one in bounds)
        return f"{low}–{high} %" if self.language == "en" else f"{low}%–{high}%"

    def number(self, value: float | None) -> str:
        return self.f.unknown if value is None else f"{value:,}"


Translate = Callable[..., str]
