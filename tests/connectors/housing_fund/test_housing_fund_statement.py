"""The statement that is sent to the housing fund's database."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import mysql, oracle, postgresql, sqlite
from sqlalchemy.engine import Dialect

from connectors.housing_fund.statement import (
    View,
    clean_name,
    number_forms,
    parameters_for,
    statement_for,
)


@pytest.mark.parametrize(
    ("number", "forms"),
    [
        ("229901198003071236", ("229901198003071236", "229901800307123")),
        ("229901800307123", ("229901800307123", "229901198003071236")),
        ("22991219830610396x ", ("22991219830610396X", "229912830610396")),
        ("229901200503071233", ("229901200503071233",)),
        ("e12345678", ("E12345678",)),
        (" ", ()),
        ("", ()),
    ],
)
def test_a_number_is_looked_for_in_both_forms(number: str, forms: tuple[str, ...]) -> None:
    assert number_forms(number) == forms


@given(st.from_regex(r"2299[0-9]{2}[0-9]{9}", fullmatch=True))
def test_the_forms_of_both_forms_are_the_same(short: str) -> None:
    _, long = number_forms(short)
    assert set(number_forms(long)) == {short, long}


@pytest.mark.parametrize("name", ["李明", "李　明", " 李 明 ", "李\u00a0明", "李·明", "李・明"])
def test_a_name_is_looked_for_without_blanks_and_dots(name: str) -> None:
    assert clean_name(name) == "李明"


def test_nobody_is_no_value_to_look_for() -> None:
    assert set(parameters_for(name=" · ", id_number="").values()) == {None}


@pytest.mark.parametrize(
    "dialect",
    [sqlite.dialect, postgresql.dialect, mysql.dialect, oracle.dialect],
    ids=lambda dialect: str(dialect.name),
)
def test_every_database_gets_one_reading_statement_with_bound_values(
    dialect: Callable[[], Dialect],
) -> None:
    made = dialect()
    statement = statement_for(View(), rows=7, dialect=made.name)
    sql = str(statement.compile(dialect=made)).upper()
    assert sql.startswith("SELECT XM, ZJHM, GRZH, CSRQ, DWMC, DWDM, ZHZT, JZNY, GXSJ,")
    assert "FROM V_GJJ_GRZH" in sql
    assert ";" not in sql
    assert '"' not in sql
    assert not any(each in sql for each in ("INSERT", "UPDATE ", "DELETE", "JOIN"))


@pytest.mark.parametrize("name", ["", "a b", 'a"', "v; drop", "用户"])
def test_a_view_is_a_name_and_nothing_else(name: str) -> None:
    with pytest.raises(ValueError, match="other characters"):
        View(name=name)
