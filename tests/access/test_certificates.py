"""Whose certificate and whose address: the trusted proxy's word, and nobody else's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.access.certificates import Peers, read_pem
from app.domain.errors import ConfigurationError, UntrustedProxy
from tests.client_parts import certificate

SHOWN = certificate()
PEERS = Peers(("10.0.0.0/24", "fd00::/64"), "X-Client-Cert")
Fields = list[tuple[bytes, bytes]]


def fields(*values: str, name: str = "x-client-cert") -> Fields:
    return [(name.encode(), value.encode("latin-1")) for value in values]


@pytest.mark.parametrize(
    "written",
    [SHOWN.rfc9440, SHOWN.nginx, SHOWN.nginx.replace("%0A", "%0a")],
    ids=["RFC 9440", "nginx", "nginx in small letters"],
)
def test_both_ways_of_writing_are_read(written: str) -> None:
    for peer in ("10.0.0.7", "::ffff:10.0.0.7", "fd00::1"):
        found = PEERS.certificate((peer, 1), fields(written))
        assert found is not None
        assert found.thumbprint == SHOWN.thumbprint
    assert read_pem(SHOWN.pem).thumbprint == SHOWN.thumbprint


@pytest.mark.promise(18)
@pytest.mark.parametrize(
    ("peer", "values"),
    [
        (("10.0.1.7", 1), (SHOWN.rfc9440,)),
        (("10.0.1.7", 1), ("",)),
        (("::1", 1), (SHOWN.rfc9440,)),
        (("fd00:0:0:1::1", 1), (SHOWN.rfc9440,)),
        (None, (SHOWN.rfc9440,)),
        (("/run/proxy.sock", 0), (SHOWN.rfc9440,)),
        (("10.0.0.7", 1), (SHOWN.rfc9440, SHOWN.rfc9440)),
        (("10.0.0.7", 1), (SHOWN.rfc9440, "")),
        (("10.0.0.7", 1), (":" + SHOWN.rfc9440,)),
        (("10.0.0.7", 1), (SHOWN.rfc9440[:-9] + ":",)),
        (("10.0.0.7", 1), (":",)),
        (("10.0.0.7", 1), ("::",)),
        (("10.0.0.7", 1), ("CN=case system",)),
        (("10.0.0.7", 1), ("%FF%00",)),
        (("10.0.0.7", 1), ("x" * 20_000,)),
    ],
    ids=[f"row {number}" for number in range(15)],
)
def test_anything_else_is_refused(peer: tuple[str, int] | None, values: tuple[str, ...]) -> None:
    """Planted: without the look at the peer, six rows here gave a certificate, four over HTTP."""
    with pytest.raises(UntrustedProxy):
        PEERS.certificate(peer, fields(*values))


def test_without_the_field_there_is_no_certificate() -> None:
    assert PEERS.certificate(("203.0.113.9", 1), fields("x", name="host")) is None
    assert PEERS.certificate(("10.0.0.7", 1), fields(" ")) is None
    assert Peers((), "Client-Cert").certificate(("127.0.0.1", 1), []) is None


@pytest.mark.promise(28)
@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.9", (), "203.0.113.9"),
        ("203.0.113.9", ("198.51.100.1",), "203.0.113.9"),
        ("10.0.0.7", (), "10.0.0.7"),
        ("10.0.0.7", ("198.51.100.1",), "198.51.100.1"),
        ("10.0.0.7", ("198.51.100.1, 10.0.0.8",), "198.51.100.1"),
        ("10.0.0.7", ("198.51.100.1", "198.51.100.2"), "198.51.100.2"),
        ("10.0.0.7", ("198.51.100.1, x, 10.0.0.8",), "10.0.0.8"),
        ("10.0.0.7", ("x",), "10.0.0.7"),
        ("10.0.0.7", ("::ffff:198.51.100.1",), "198.51.100.1"),
        ("10.0.0.7", ("2001:db8:1:2:3::4",), "2001:db8:1:2::"),
        ("2001:db8:1:2:3::4", (), "2001:db8:1:2::"),
    ],
)
def test_whose_address_it_is(peer: str, forwarded: tuple[str, ...], address: str) -> None:
    """Planted: with the first address of the field instead of the last, a caller chose its own."""
    headers = fields(*forwarded, name="x-forwarded-for")
    assert PEERS.address((peer, 1), headers) == address


def test_a_network_that_cannot_be_read_is_an_error() -> None:
    with pytest.raises(ConfigurationError, match="HEDUI_TRUSTED_PROXIES"):
        Peers(("10.0.0.7/24",), "Client-Cert")


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_and_not_a_fault(value: bytes) -> None:
    with pytest.raises(UntrustedProxy):
        PEERS.certificate(("10.0.0.7", 1), [(b"x-client-cert", b"x" + value)])


@given(st.binary(max_size=60))
def test_any_forwarded_field_leads_to_some_address(value: bytes) -> None:
    headers = [(b"x-forwarded-for", value)]
    assert PEERS.address(("10.0.0.7", 1), headers) != ""
    assert PEERS.address(None, headers) == ""
