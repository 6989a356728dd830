"""What a roster's words mean, in English and, where only one thing can be meant, in Chinese."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from app.domain.household import IdType, Relationship

_ID_TYPES: Final = {
    **{kind.value: kind for kind in IdType},
    "居民身份证": IdType.RESIDENT_ID,
    "身份证": IdType.RESIDENT_ID,
    "护照": IdType.PASSPORT,
    "港澳居民来往内地通行证": IdType.HK_MACAU_PERMIT,
    "回乡证": IdType.HK_MACAU_PERMIT,
    "台湾居民来往大陆通行证": IdType.TAIWAN_PERMIT,
    "台胞证": IdType.TAIWAN_PERMIT,
    "无": IdType.NONE,
    "无证件": IdType.NONE,
}
_RELATIONSHIPS: Final[Mapping[str, Relationship]] = {
    **{one.value: one for one in Relationship},
    **dict.fromkeys(("户主", "本人", "申请人"), Relationship.HEAD),
    **dict.fromkeys(("配偶", "夫", "妻", "丈夫", "妻子"), Relationship.SPOUSE),
    **dict.fromkeys(("子", "女", "儿子", "女儿", "子女", "独生子", "独生女"), Relationship.CHILD),
    **dict.fromkeys(("长子", "次子", "三子", "长女", "次女", "三女"), Relationship.CHILD),
    **dict.fromkeys(("养子", "养女", "继子", "继女"), Relationship.CHILD),
    **dict.fromkeys(("父", "母", "父亲", "母亲", "父母"), Relationship.PARENT),
    **dict.fromkeys(("孙子", "孙女", "外孙", "外孙子", "外孙女"), Relationship.GRANDCHILD),
    **dict.fromkeys(
        ("祖父", "祖母", "外祖父", "外祖母", "爷爷", "奶奶", "外公", "外婆"),
        Relationship.GRANDPARENT,
    ),
    **dict.fromkeys(
        ("兄", "弟", "姐", "妹", "哥哥", "弟弟", "姐姐", "妹妹", "兄弟", "姐妹", "兄弟姐妹"),
        Relationship.SIBLING,
    ),
    **dict.fromkeys(("其他", "其它", "其他亲属"), Relationship.OTHER),
}
_YES: Final = frozenset(("true", "yes", "y", "1", "是", "在校"))
_NO: Final = frozenset(("", "false", "no", "n", "0", "否", "不在校"))
_DAY: Final = re.compile(
    r"([0-9]{4})[-/.年]?([0-9]{1,2})[-/.月]?([0-9]{1,2})日?"
    r"(?:[ T]00:00(?::00(?:\.0+)?)?)?"
)
_SEPARATED: Final = re.compile(r"[0-9]{4}[-/.年][0-9]{1,2}[-/.月][0-9]{1,2}日?")
_AMOUNT: Final = re.compile(r"(?:[0-9]{1,12}|[0-9]{1,3}(?:,[0-9]{3}){1,3})(?:\.[0-9]{1,2}0*)?")
_BETWEEN: Final = re.compile(r"[;|、；]")
_FEN: Final = Decimal("0.01")


def id_type_of(text: str) -> IdType | None:
    """The kind of document; None where the word is none of ours."""
    return _ID_TYPES.get(text.lower())


def relationship_of(text: str) -> Relationship | None:
    """The relation to the head; None where the word is none of ours."""
    return _RELATIONSHIPS.get(text.lower())


def day_of(text: str) -> date | None:
    """A day in one of the usual forms; None where it is none of them, or no real day."""
    found = _DAY.fullmatch(text)
    if found is None:
        return None
    compact = len(text) == 8 and text.isdigit()
    if not compact and not _SEPARATED.match(text):
        return None
    try:
        return date(*(int(part) for part in found.groups()))
    except ValueError:
        return None


def yuan_of(text: str) -> Decimal | None:
    """Yuan with at most two places; None where it is no such amount."""
    if _AMOUNT.fullmatch(text) is None:
        return None
    return Decimal(text.replace(",", "")).quantize(_FEN)


def yes_or_no(text: str) -> bool | None:
    """Blank is no; None where it is neither."""
    plain = text.lower()
    if plain in _YES:
        return True
    return False if plain in _NO else None


def words_of(text: str) -> list[str]:
    """Several words of one cell, each once."""
    return list(dict.fromkeys(word.strip() for word in _BETWEEN.split(text) if word.strip()))
