"""What a password must be like, and what roles do together (promise 19, and data of 15)."""

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st

from app.access.cookie import CookieRule
from app.access.passwords import Passwords, check_password
from app.access.roles import ROLES, STAFF_SCOPES, Shown, conflict, scopes_of, shown_to
from app.access.second_factor import new_secret, step_of
from app.access.tokens import SCOPES
from app.domain.errors import ConfigurationError, InvalidRequest
from tests.service_parts import NOON

LOGIN = "zhang.san"
REFUSED = {
    "short": ("kettles!123", "length"),
    "too long": ("k1" * 101, "length"),
    "the login": ("Zhang.San-2026", "login"),
    "common": ("qwertyuiop123", "common"),
    "common signs": ("1qaz2wsx3edc", "common"),
    "common in capitals": ("PasswordPassword", "common"),
    "common with figures": ("i.love.you.20261124", "common"),
    "one sign": ("zzzzzzzzzzzzzz", "simple"),
    "four signs": ("abcdabcdabcd", "simple"),
    "figures in a row": ("3456789012345", "simple"),
    "letters in a row": ("cdefghijklmnop", "simple"),
    "a row backwards": ("ponmlkjihgfedc", "simple"),
}
TAKEN = (
    "eleven green kettles",
    "正确的马电池订书钉十二个",
    "Tr0ub4dor&3 and more",
    "x7#Kp!mm2Qz_w",
)


@pytest.mark.promise(19)
@pytest.mark.parametrize(("password", "why"), REFUSED.values(), ids=[*REFUSED])
def test_a_password_that_is_easily_guessed_is_refused(password: str, why: str) -> None:
    """Planted: each branch of `_fault` taken out in turn: its cases were taken."""
    with pytest.raises(InvalidRequest) as refused:
        check_password(password, LOGIN)
    assert [one.code for one in refused.value.errors] == [f"password.{why}"]
    assert password not in str(refused.value)


@pytest.mark.promise(19)
@pytest.mark.parametrize("password", TAKEN)
def test_others_are_taken(password: str) -> None:
    """Planted: `SHORTEST` of 30: all were refused."""
    check_password(password, LOGIN)


@pytest.mark.promise(19)
async def test_hashes_are_argon2id_with_salt() -> None:
    """Planted: `Type.I` handed to the hasher: the prefix was another."""
    passwords = Passwords(PasswordHasher(memory_cost=8192))
    one, two = [await passwords.hash("eleven green kettles") for _ in range(2)]
    assert one.startswith("$argon2id$v=19$m=8192,t=3,p=4$")
    assert one != two
    assert await passwords.matches(two, "eleven green kettles")
    assert not await passwords.matches(two, "eleven green kettle")
    assert not await passwords.matches(None, "nobody's password")
    assert not await passwords.matches("no hash at all", "x")
    passwords.close()


@given(st.text(max_size=16))
def test_what_is_no_code_is_none(code: str) -> None:
    """Six digits of our own secret alone; a code of nobody's never fits."""
    assert step_of(None, code, NOON) is None
    if not (len(code) == 6 and code.isascii() and code.isdigit()):
        assert step_of(new_secret(), code, NOON) is None


@given(st.sets(st.sampled_from(sorted(ROLES))))
def test_roles_that_do_not_go_together_give_nothing(roles: set[str]) -> None:
    """However they came to be held; and nobody sees more than one of the roles shows."""
    if conflict(roles) is not None:
        assert scopes_of(roles) == ()
    else:
        assert set(scopes_of(roles)) == {scope for role in roles for scope in ROLES[role].scopes}
    shown = {ROLES[role].shown for role in roles} or {Shown.NOTHING}
    assert shown_to(roles) in shown


def test_a_role_that_is_not_known_any_more_gives_nothing() -> None:
    assert scopes_of({"mayor"}) == ()
    assert scopes_of({"mayor", "county_checker"}) == scopes_of({"county_checker"})
    assert shown_to({"mayor"}) is Shown.NOTHING


@pytest.mark.parametrize("role", ROLES)
def test_scopes_of_roles_are_known_ones(role: str) -> None:
    assert ROLES[role].scopes <= {*SCOPES, *STAFF_SCOPES}
    assert ROLES[role].excludes <= ROLES.keys()
    assert not STAFF_SCOPES.keys() & set(SCOPES)


@pytest.mark.promise(19)
@pytest.mark.parametrize(
    "url",
    ["https://hedui.example", "http://hedui.example", "http://10.1.1.5:8000", "https://[::1]"],
)
def test_a_cookie_without_tls_is_for_this_machine_alone(url: str) -> None:
    """Planted: the host not looked at: two of them were taken."""
    assert CookieRule.of(url, plain=False).name().startswith("__Host-")
    with pytest.raises(ConfigurationError):
        CookieRule.of(url, plain=True)


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "[::1]:8000"])
def test_on_this_machine_it_may(host: str) -> None:
    rule = CookieRule.of(f"http://{host}", plain=True)
    assert (rule.name(), rule.secure, rule.origin) == ("hedui", False, f"http://{host}")
