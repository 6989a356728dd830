"""Employers (工作单位): a code or a bare name, and how two stand to each other.

Codes: 统一社会信用代码 (GB 32100, 18 signs), the 组织机构代码 inside it (GB 11714, 9 signs) and the
注册号 of old registrations (15 digits). A code does not compare with a name.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from matching.levels import Level
from matching.places import leading_region

SIMILAR_NAMES: Final = 85.0  # rapidfuzz ratio of the bare names
CREDIT_SIGNS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100, without I O S V Z
CREDIT_CODE: Final = re.compile(rf"[{CREDIT_SIGNS}]{{18}}")
ORGANISATION_CODE: Final = re.compile(r"([0-9A-Z]{8})-?([0-9X])")
REGISTRATION: Final = re.compile(r"\d{15}")
LONG_CODE: Final = re.compile(r"[0-9A-Z]{17,19}")
MISREAD: Final = str.maketrans("IOZS", "1025")  # letters that no credit code has, for digits
WIDTH: Final = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
BRACKETS: Final = re.compile(r"[(\[【〔][^)\]】〕]*[)\]】〕]")
NOISE: Final = re.compile(r"[\s·•.,，。、\"“”'‘’《》<>_-]+")
LEGAL_FORM: Final = re.compile(
    r"(?:(?:集团)?(?:股份)?有限(?:责任)?公司|(?:集团|总|分|子)?公司|有限合伙|普通合伙|个人独资企业|"
    r"个体工商户|个体户|农民专业合作社|专业合作社|合作社|股份有限)(?:有限公司)?"
)
# 超市, 门市 and 校区 are no regions; a region that is the whole name is none either.
REGION: Final = re.compile(
    r"^(?:[^省市县区州旗]{2,6}(?:省|自治区|自治州))?"
    r"(?:[^省市县区州旗街路店厂]{2,7}(?:自治县|(?<![超门夜菜早集楼股])市|县|(?<![小社校厂园库])区|旗)){0,2}"
)
FEWEST: Final = 2  # signs that a bare name keeps


def credit_check(first_17: str) -> str:
    """The check sign of a 统一社会信用代码: factors 3^i mod 31, GB 32100 annex."""
    total = sum(CREDIT_SIGNS.index(sign) * pow(3, i, 31) for i, sign in enumerate(first_17))
    return CREDIT_SIGNS[-total % 31]


def organisation_check(first_8: str) -> str:
    """The check sign of an 组织机构代码: factors 3 7 9 10 5 8 4 2 mod 11, GB 11714."""
    signs = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    factors = (3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(signs.index(sign) * factor for sign, factor in zip(first_8, factors, strict=True))
    return "0123456789X0"[11 - total % 11]


def registration_check(first_14: str) -> str:
    """The check digit of a 15-digit 注册号: ISO 7064 MOD 11,10."""
    product = 10
    for digit in map(int, first_14):
        product = ((product + digit) % 10 or 10) * 2 % 11
    return str((11 - product) % 10)


def is_valid_code(code: str) -> bool:
    """The check signs of a code fit; False for what is no code."""
    if CREDIT_CODE.fullmatch(code):
        return credit_check(code[:17]) == code[17]
    if REGISTRATION.fullmatch(code):
        return registration_check(code[:14]) == code[14]
    return len(code) == 9 and organisation_check(code[:8]) == code[8]


def is_code(employer: str) -> bool:
    """A parsed employer is a code and no name."""
    return employer.isascii() and len(employer) in (9, 15, 18) and not employer.isalpha()


def _code(text: str) -> str | None:
    if CREDIT_CODE.fullmatch(text) or REGISTRATION.fullmatch(text):
        return text
    if len(text) == 18 and LONG_CODE.fullmatch(text):
        repaired = text.translate(MISREAD)
        return repaired if CREDIT_CODE.fullmatch(repaired) else None
    organisation = ORGANISATION_CODE.fullmatch(text)
    if organisation and organisation_check(organisation[1]) == organisation[2]:
        return organisation[1] + organisation[2]
    return None


def _without(pattern: re.Pattern[str], text: str) -> str:
    """The text without what the pattern finds at its front, if enough is left."""
    found = pattern.match(text)
    rest = text[found.end() :] if found else text
    return rest if len(rest) >= FEWEST else text


def _bare_name(text: str) -> str | None:
    """A firm's name without region, legal form and brackets."""
    name = NOISE.sub("", BRACKETS.sub("", text)) or NOISE.sub("", text)
    formless = LEGAL_FORM.sub("", name)
    name = formless if len(formless) >= FEWEST else name
    before = None
    while name != before:
        before = name
        name = _without(leading_region(), _without(REGION, name))
    return name or None


@lru_cache(maxsize=1 << 14)
def parse_employer(raw: str | None) -> str | None:
    """A code as it is, or a name without region and legal form; None where nothing is written."""
    if raw is None:
        return None
    text = unicodedata.normalize("NFC", raw).translate(WIDTH)
    text = re.sub(r"\s+", "", text).upper()
    return _code(text) or _bare_name(text)


def _organisation(code: str) -> str:
    """The organisation code that a credit code holds in its places 9 to 17."""
    return code[8:17] if len(code) == 18 else code


def _code_relation(one: str, other: str) -> Level:
    """Two codes, by the organisation code that both hold, if both hold one."""
    if len(one) != len(other):
        if 15 in (len(one), len(other)):
            return Level.MISSING  # an old registration number tells nothing of the codes after it
        inner = one[8:17] if len(one) == 18 else one
        return (
            Level.SAME if inner == (other[8:17] if len(other) == 18 else other) else Level.DIFFERENT
        )
    both_valid = is_valid_code(one) and is_valid_code(other)
    if len(one) == 18 and _organisation(one) == _organisation(other) and both_valid:
        return Level.SAME  # registered with another authority: the organisation is the same
    near = not both_valid and OSA.distance(one, other, score_cutoff=1) == 1
    return Level.SIMILAR if near else Level.DIFFERENT


def employer_relation(one: str, other: str) -> Level:
    """How two parsed employers stand to each other; symmetric.

    Tested in this order: SAME (equal text); two codes (SAME by the organisation code inside,
    SIMILAR a slip apart where a check sign does not fit, DIFFERENT; MISSING beside an old 注册号);
    a code and a name (MISSING); names (SIMILAR from a ratio of 85, DIFFERENT).
    """
    if one == other:
        return Level.SAME
    coded = is_code(one), is_code(other)
    if all(coded):
        return _code_relation(one, other)
    if any(coded):
        return Level.MISSING
    similar = fuzz.ratio(one, other, score_cutoff=SIMILAR_NAMES) > 0
    return Level.SIMILAR if similar else Level.DIFFERENT
