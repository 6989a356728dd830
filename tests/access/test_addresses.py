"""Where notices may go: every way to write an address that leads somewhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.access.addresses import AddressRules, NotAnAddress, pattern_of, rules_of

OPEN = rules_of("", production=False, listens_on="127.0.0.1")
"""On one machine: public hosts by https, and this machine."""
SEEN = rules_of("", production=False, listens_on="0.0.0.0")  # noqa: S104 - a setting's text
CLOSED = rules_of("", production=True, listens_on="127.0.0.1")
LISTED = rules_of(
    "case.gov.example, notify.gov.example:8443, 10.2.0.0/16:8080, 203.0.113.7, "
    "pinned.example=10.3.0.0/24, [fd12:3456::/32]:443",
    production=False,
    listens_on="127.0.0.1",
)

ALLOWED = {
    "a public host by https": (OPEN, "https://case.example/verified"),
    "its other port": (OPEN, "https://case.example:8443/verified"),
    "with a query": (OPEN, "https://case.example/verified?case=1"),
    "a trailing dot": (OPEN, "https://case.example./verified"),
    "this machine, for a trial": (OPEN, "http://127.0.0.1:4001/verified"),
    "this machine by its name": (OPEN, "http://localhost:4001/verified"),
    "this machine by IPv6": (OPEN, "http://[::1]:4001/verified"),
    "a public host, seen from outside": (SEEN, "https://case.example/verified"),
    "a listed host": (LISTED, "https://case.gov.example/verified"),
    "a listed host in capitals": (LISTED, "https://CASE.gov.example/verified"),
    "a listed host by http": (LISTED, "http://case.gov.example/verified"),
    "a listed port": (LISTED, "https://notify.gov.example:8443/x"),
    "a listed network": (LISTED, "http://10.2.3.4:8080/x"),
    "a listed address": (LISTED, "https://203.0.113.7/x"),
    "a listed network of IPv6": (LISTED, "https://[fd12:3456::9]/x"),
    "a pinned host": (LISTED, "https://pinned.example/x"),
}


@pytest.mark.parametrize(("rules", "url"), ALLOWED.values(), ids=ALLOWED.keys())
def test_what_is_allowed(rules: AddressRules, url: str) -> None:
    rules.place_of(url)


REFUSED = {
    "a file": "file:///etc/passwd",
    "gopher": "gopher://case.example/",
    "ftp": "ftp://case.example/",
    "data": "data:text/plain,x",
    "no scheme": "//case.example/",
    "http to the world": "http://case.example/",
    "another port": "https://case.example:22/",
    "the database's port": "https://case.example:5432/",
    "port 0": "https://case.example:0/",
    "a port that is none": "https://case.example:99999/",
    "a user": "https://user@case.example/",
    "a user and a password": "https://user:secret@case.example/",
    "a host as a user": "https://case.example@169.254.169.254/",
    "an empty user": "https://@case.example/",
    "a fragment": "https://case.example/#x",
    "a host behind a fragment": "https://case.example#@169.254.169.254/",
    "a backslash": "https://case.example\\@169.254.169.254/",
    "a line break": "https://case.example/\r\nX-Injected: 1",
    "a line feed in the host": "https://case.\nexample/",
    "a tab": "https://case.example/\tx",
    "a blank": "https://case.example/ x",
    "NUL": "https://case.example/\x00",
    "a public address by number": "https://8.8.8.8/",
    "private 10": "https://10.0.0.1/",
    "private 172": "https://172.16.0.1/",
    "private 192": "https://192.168.1.1/",
    "shared 100": "https://100.64.0.1/",
    "metadata": "http://169.254.169.254/latest/meta-data/",
    "metadata of Aliyun": "http://100.100.100.200/latest/meta-data/",
    "metadata by IPv6": "http://[fd00:ec2::254]/latest/",
    "metadata, mapped": "http://[::ffff:169.254.169.254]/",
    "metadata, mapped in hex": "http://[::ffff:a9fe:a9fe]/",
    "metadata through NAT64": "http://[64:ff9b::a9fe:a9fe]/",
    "metadata through 6to4": "http://[2002:a9fe:a9fe::]/",
    "metadata, compatible": "http://[::169.254.169.254]/",
    "unspecified": "http://0.0.0.0/",
    "unspecified, short": "http://0/",
    "unspecified by IPv6": "http://[::]/",
    "broadcast": "http://255.255.255.255/",
    "multicast": "http://224.0.0.1/",
    "link-local by IPv6": "http://[fe80::1]/",
    "link-local with a zone": "http://[fe80::1%25eth0]/",
    "unique local": "http://[fd12::1]/",
    "decimal": "http://2852039166/",
    "hex": "http://0xa9fea9fe/",
    "hex by parts": "http://0xa9.0xfe.0xa9.0xfe/",
    "octal": "http://0251.0376.0251.0376/",
    "short": "http://10.1/",
    "short octal": "http://012.1/",
    "mixed": "http://0xa9.254.0251.254/",
    "full-width digits": "http://１６９.254.169.254/",
    "circled digits": "http://①⑥⑨.254.169.254/",
    "full-width dots": "http://169。254。169。254/",
    "a name of one label": "https://intranet/",
    "a host that is empty": "https:///x",
    "a label too long": f"https://{'a' * 64}.example/",
    "an underscore": "https://case_system.example/",
    "a percent in the host": "https://case%2eexample/",
    "an address too long": f"https://case.example/{'x' * 3000}",
}


@pytest.mark.promise(27)
@pytest.mark.parametrize("url", REFUSED.values(), ids=REFUSED.keys())
@pytest.mark.parametrize(
    "rules", [OPEN, SEEN, CLOSED, LISTED], ids=["open", "seen", "closed", "listed"]
)
def test_what_leads_somewhere_else(rules: AddressRules, url: str) -> None:
    """Planted: `effective` gives the address itself back: the mapped, NAT64, 6to4 and compatible
    spellings of the metadata address were not refused by their own rule, the mapped ones not at
    all in a network that was listed.
    """
    with pytest.raises(NotAnAddress) as caught:
        rules.place_of(url)
    assert caught.value.code.startswith("address.")
    assert url not in str(caught.value)


HERE_FROM_OUTSIDE = [
    "http://127.0.0.1:8000/",
    "http://localhost/",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/",
    "https://localhost./",
]


@pytest.mark.promise(27)
@pytest.mark.parametrize("url", HERE_FROM_OUTSIDE)
@pytest.mark.parametrize("rules", [SEEN, CLOSED, LISTED], ids=["seen", "closed", "listed"])
def test_this_machine_is_refused_where_the_service_is_seen(rules: AddressRules, url: str) -> None:
    """Planted: loopback allowed whatever the service listens on."""
    with pytest.raises(NotAnAddress):
        rules.place_of(url)


NOT_LISTED = [
    "https://case.example/",
    "https://case.gov.example:8443/",
    "https://notify.gov.example/",
    "https://xcase.gov.example/",
    "https://case.gov.example.evil.example/",
    "https://case.gov.examp1e/",
    "https://сase.gov.example/",  # its first letter is Cyrillic
    "http://10.2.3.4/",
    "http://10.3.0.1:8080/",
    "https://203.0.113.8/",
]


@pytest.mark.promise(27)
@pytest.mark.parametrize("url", NOT_LISTED)
def test_where_there_is_a_list_nothing_else_is_allowed(url: str) -> None:
    """Planted: `Pattern.fits` with `endswith`: two of the look-alikes were allowed."""
    with pytest.raises(NotAnAddress):
        LISTED.place_of(url)


DIALLED = [
    (OPEN, "case.example", 443, "93.184.216.34", True),
    (OPEN, "case.example", 443, "127.0.0.1", False),
    (OPEN, "case.example", 443, "10.0.0.1", False),
    (OPEN, "case.example", 443, "169.254.169.254", False),
    (OPEN, "case.example", 443, "::1", False),
    (OPEN, "case.example", 443, "::ffff:10.0.0.1", False),
    (OPEN, "case.example", 443, "64:ff9b::a00:1", False),
    (OPEN, "case.example", 443, "fe80::1%eth0", False),
    (OPEN, "localhost", 4001, "127.0.0.1", True),
    (OPEN, "localhost", 4001, "10.0.0.1", False),
    (OPEN, "localhost", 4001, "93.184.216.34", False),
    (LISTED, "case.gov.example", 443, "10.9.9.9", True),
    (LISTED, "case.gov.example", 443, "93.184.216.34", True),
    (LISTED, "case.gov.example", 443, "127.0.0.1", False),
    (LISTED, "case.gov.example", 443, "169.254.169.254", False),
    (LISTED, "case.gov.example", 443, "100.100.100.200", False),
    (LISTED, "pinned.example", 443, "10.3.0.77", True),
    (LISTED, "pinned.example", 443, "10.4.0.77", False),
    (LISTED, "pinned.example", 443, "93.184.216.34", False),
    (LISTED, "203.0.113.7", 443, "203.0.113.7", True),
    (LISTED, "203.0.113.7", 443, "203.0.113.9", False),
]


@pytest.mark.promise(27)
@pytest.mark.parametrize(("rules", "host", "port", "ip", "allowed"), DIALLED)
def test_what_a_name_may_stand_for(
    rules: AddressRules, host: str, port: int, ip: str, allowed: bool
) -> None:
    """Planted: `holds` of a listed host always true: it might stand for this very machine."""
    if allowed:
        rules.check_ip(host, port, ip)
    else:
        with pytest.raises(NotAnAddress):
            rules.check_ip(host, port, ip)


def test_in_production_only_https() -> None:
    rules = rules_of("case.gov.example", production=True, listens_on="127.0.0.1")
    rules.place_of("https://case.gov.example/x")
    with pytest.raises(NotAnAddress, match="https alone"):
        rules.place_of("http://case.gov.example/x")


NO_ENTRIES = (
    *("", "a b", "http://case.example", "case.example:0", "case.example:99999", "10.0.0.0/99"),
    *("a/b", "[::1", "case.example=x", "10.0.0.0/8=10.0.0.0/9", "-a.example", "*.example"),
)


@pytest.mark.parametrize("text", NO_ENTRIES)
def test_what_is_no_entry(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        pattern_of(text)


@given(st.text(max_size=60))
def test_whatever_is_written_is_allowed_or_refused_and_nothing_else(text: str) -> None:
    for url in (text, f"http://{text}", f"https://{text}/x"):
        try:
            place = OPEN.place_of(url)
        except NotAnAddress:
            continue
        assert place.host == "localhost" or "." in place.host or ":" in place.host


@given(st.ip_addresses(v=4))
def test_a_public_address_is_refused_by_number_and_a_private_one_by_name(ip: object) -> None:
    """Of all IPv4 addresses, with every way that IPv6 has to carry them."""
    number = int(ip)  # type: ignore[call-overload]
    high, low = number >> 16, number & 0xFFFF
    carried = (f"::ffff:{high:x}:{low:x}", f"64:ff9b::{high:x}:{low:x}", f"2002:{high:x}:{low:x}::")

    def allowed(one: str) -> bool:
        try:
            OPEN.check_ip("case.example", 443, one)
        except NotAnAddress:
            return False
        return True

    assert {allowed(one) for one in carried} == {allowed(str(ip))}
