"""The one statement that is sent: a person's rows of the view, by number and by name (pure).

Written with REPLACE, UPPER, IN and CAST alone, which SQLite, PostgreSQL, MySQL and Oracle share.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Final

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Numeric,
    Select,
    String,
    and_,
    bindparam,
    cast,
    column,
    func,
    or_,
    select,
    table,
)
from sqlalchemy.sql import quoted_name

BLANKS: Final = (" ", "\u3000", "\u00a0")
"""Blank, ideographic blank, unbreakable blank."""
DOTS: Final = ("·", ".", "•", "・", "‧", "．")
"""What stands between the parts of ethnic names."""

_ESCAPE: Final = "/"
_FORMS: Final = 2
"""How many forms of a number, or of a name, are looked for."""
_NAME_OF_OBJECT: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_$#.]{0,127}", re.ASCII)
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK: Final = "10X98765432"


@dataclass(frozen=True)
class View:
    """The view and its columns as a county names them; `amounts` are numeric, in yuan."""

    name: str = "V_GJJ_GRZH"
    person_name: str = "XM"
    id_number: str = "ZJHM"
    texts: tuple[str, ...] = ("GRZH", "CSRQ", "DWMC", "DWDM", "ZHZT", "JZNY", "GXSJ")
    amounts: tuple[str, ...] = ("JCJS", "YJCE", "ZHYE")

    def __post_init__(self) -> None:
        for name in (self.name, *self.columns):
            if _NAME_OF_OBJECT.fullmatch(name) is None:
                raise ValueError("the name of a view or a column has other characters than letters")

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.person_name, self.id_number, *self.texts, *self.amounts)


def statement_for(view: View, *, rows: int, dialect: str) -> Select[*tuple[Any, ...]]:
    """Select at most `rows` rows whose number or whose cleaned name is the one asked for.

    Made once; the values are bound to it by the names of `parameters_for`.
    """
    texts = map(_named, (view.person_name, view.id_number, *view.texts))
    amounts = (_amount(each, dialect).label(_unquoted(each)) for each in view.amounts)
    number = _condition(_named(view.id_number), BLANKS, "number")
    name = _condition(_named(view.person_name), BLANKS + DOTS, "name")
    source = table(_unquoted(view.name))
    return select(*texts, *amounts).select_from(source).where(or_(number, name)).limit(rows)


def parameters_for(*, name: str, id_number: str) -> Mapping[str, str | None]:
    """The values to bind; None equals nothing, so what is not known finds no row."""
    cleaned = clean_name(name)
    # Which letters have a capital is the database's affair: it may know those of ASCII only.
    names = (cleaned.upper(), _ascii_upper(cleaned)) if cleaned else ()
    values: dict[str, str | None] = {}
    for kind, forms in (("number", number_forms(id_number)), ("name", names)):
        for place in range(_FORMS):
            form = forms[place] if place < len(forms) else None
            values[f"{kind}_{place}"] = form
            values[f"{kind}_like_{place}"] = None if form is None else _pattern(form)
    return values


def _condition(kept: ColumnElement[str], unwanted: Sequence[str], kind: str) -> ColumnElement[bool]:
    """The cleaned column is one of the forms.

    A row is compared with a pattern first, which costs a tenth of the clean-up: the view has a
    row for every account of the county.
    """
    places = range(_FORMS)
    alike = (kept.like(_bound(f"{kind}_like_{place}"), escape=_ESCAPE) for place in places)
    cleaned = func.upper(_without(kept, unwanted))
    return and_(or_(*alike), cleaned.in_([_bound(f"{kind}_{place}") for place in places]))


def _bound(name: str) -> BindParameter[str]:
    return bindparam(name, type_=String())


def _pattern(form: str) -> str:
    """What matches the form with anything between its characters, in capitals or not."""
    return f"%{'%'.join(_one(each) for each in form)}%"


def _one(character: str) -> str:
    if character.lower() != character.upper():
        return "_"
    return f"{_ESCAPE}{character}" if character in (_ESCAPE, "%", "_") else character


def clean_name(name: str) -> str:
    """The name without blanks and middle dots, its letters as they are."""
    return "".join(each for each in name if each not in BLANKS + DOTS)


def number_forms(id_number: str) -> tuple[str, ...]:
    """The number in upper case, and an identity number's 18- and 15-digit form beside it."""
    number = "".join(each for each in id_number if each not in BLANKS).upper()
    if re.fullmatch(r"\d{17}[\dX]", number, re.ASCII):
        short = number[:6] + number[8:17]
        # The shorter form has no century: it was only given to people born in the 1900s.
        return (number, short) if number[6:8] == "19" else (number,)
    if re.fullmatch(r"\d{15}", number, re.ASCII):
        return (number, _with_check(f"{number[:6]}19{number[6:]}"))
    return (number,) if number else ()


def _with_check(digits: str) -> str:
    total = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=True))
    return digits + _CHECK[total % 11]


def _ascii_upper(text: str) -> str:
    return "".join(each.upper() if each.isascii() else each for each in text)


def _without(text: ColumnElement[str], characters: Sequence[str]) -> ColumnElement[str]:
    return reduce(lambda before, each: func.replace(before, each, ""), characters, text)


def _amount(name: str, dialect: str) -> ColumnElement[object]:
    """SQLite has no exact number: it is asked for the text."""
    if dialect == "sqlite":
        return cast(_named(name), String(40))
    return column(_unquoted(name), Numeric(16, 2))


def _named(name: str) -> ColumnElement[str]:
    return column(_unquoted(name))


def _unquoted(name: str) -> quoted_name:
    """Each database then folds the name's case as it did when the view was made."""
    return quoted_name(name, quote=False)
