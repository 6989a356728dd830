"""Texts of records in the language that a search asks for. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.dci.refusals import ItemRefused
from connectors.dci.codes import ItemCode

ENGLISH: Final = "eng"
CHINESE: Final = "zho"
_CODE: Final = re.compile(r"[a-z]{3}")
_MEANT: Final = {"": ENGLISH, "EN/GB": ENGLISH, "chi": CHINESE}
"""What the published examples of the standard write in a locale's place, and ISO 639-2's name."""
_STATUSES: Final[Mapping[str, tuple[str, str]]] = {
    "accepted": ("accepted", "已受理"),
    "querying": ("sources are being asked", "查询中"),
    "partial": ("some sources have not answered yet", "部分来源未反馈"),
    "in_review": ("a person is checking records", "人工复核中"),
    "final": ("final", "已完成"),
}
_OUTCOMES: Final[Mapping[str, tuple[str, str]]] = {
    "confirmed": ("meets the programme's standard", "符合标准"),
    "not_confirmed": ("does not meet the programme's standard", "不符合标准"),
    "undetermined": ("cannot be determined from what is known", "依现有信息无法判定"),
}


def locale_of(given: object) -> str:
    """The locale by ISO 639-3. Raises `ItemRefused` for what is no such code."""
    if given is None:
        return ENGLISH
    if isinstance(given, str) and given in _MEANT:
        return _MEANT[given]
    if not isinstance(given, str) or _CODE.fullmatch(given) is None:
        words = "locale is three small letters (ISO 639-3)"
        raise ItemRefused(ItemCode.SEARCH_CRITERIA, words)
    return given


@dataclass(frozen=True, slots=True)
class Words:
    """In Chinese where that is asked for, else in English; `locale` says which it is."""

    locale: str

    @classmethod
    def of(cls, locale: str) -> "Words":
        return cls(CHINESE if locale == CHINESE else ENGLISH)

    def status(self, status: str) -> str:
        return self._one(_STATUSES[status])

    def outcome(self, outcome: str) -> str:
        return self._one(_OUTCOMES[outcome])

    def interval(self, low: str, high: str | None) -> str:
        """Of yuan; nothing known at all is said so."""
        if high is None:
            if low == "0.00":
                return self._one(("not known", "不详"))
            return self._one((f"at least {low}", f"不低于{low}"))
        if low == "0.00":
            return self._one((f"at most {high}", f"不高于{high}"))
        return self._one((f"{low} to {high}", f"{low}至{high}"))

    def _one(self, both: tuple[str, str]) -> str:
        return both[self.locale == CHINESE]
