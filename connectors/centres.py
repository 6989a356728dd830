"""Which centre is responsible for which region 协查分工, from the configuration: the only list."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from connectors.centre.client import CentreSource, Line
from connectors.centre.keys import CentreKeys
from connectors.contract import Source
from connectors.registry import Resolve, limits_of, resolve_value, resolved
from connectors.transport.addresses import names_this_machine
from connectors.transport.http import Wire
from connectors.transport.limits import Gate, Limits
from connectors.transport.signatures import MessageSigner
from connectors.transport.tokens import TokenKeeper, by_basic

TOKEN_PATH: Final = "/oauth/token"  # noqa: S105 - where tokens are asked for
MARK: Final = "centre:"
"""With this begins the institution of a reply that another centre gave."""
BY_PLACE: Final = ("household_registry", "tax", "social_insurance", "property", "housing_fund")
"""Sources of which each place has its own: asked at the centre of a person's registered region."""
MAY_BE_ASKED: Final = (*BY_PLACE, "business_registration", "vehicle", "bank")
"""Those and what some places keep for themselves: of the banks the one that is of the place, as a
rural credit union is of its province. Insurers and securities answer for the whole country."""
THERE_ALONE: Final = frozenset({"household_registry"})
"""Who is registered elsewhere stands in no register of ours; all else he or she may have here, too,
so that both places are asked."""
_TEXTS: Final = ("url", "client_id", "client_secret", "keys")
_KEYS: Final = frozenset({"region", *_TEXTS, "ca", "sources"})
_LEAST, _MOST = 2, 12


@dataclass(frozen=True, slots=True)
class Centre:
    """A centre: the region that it answers for, its sources, how it is reached."""

    region: str
    sources: Mapping[str, Source]
    line: Line = field(repr=False)


@dataclass(frozen=True, slots=True)
class Centres:
    """All centres of the configuration; of overlapping regions the smaller one's counts."""

    by_region: Mapping[str, Centre] = field(default_factory=dict)

    def responsible(self, region: str | None) -> Centre | None:
        """The centre whose region is the longest beginning of this one; None: our own."""
        if region is None:
            return None
        there = [one for one in self.by_region if region.startswith(one)]
        return self.by_region[max(there, key=len)] if there else None

    def source_at(self, institution: str, source: str) -> Source | None:
        """What answers as this institution; None where it is no centre, or none any more."""
        centre = self.by_region.get(institution.removeprefix(MARK))
        return None if centre is None else centre.sources.get(source)

    def named_for(self, source: str) -> tuple[str, ...]:
        """The institutions of all centres that are asked about this source."""
        centres = self.by_region.items()
        return tuple(f"{MARK}{region}" for region, one in centres if source in one.sources)

    async def aclose(self) -> None:
        """Close the connections."""
        for one in self.by_region.values():
            await one.line.wire.aclose()


NO_CENTRES: Final = Centres()


def build_centres(
    given: object,
    *,
    signer: MessageSigner,
    now: Callable[[], datetime],
    gate_of: Callable[[str, Limits], Gate] = Gate,
    resolve: Resolve = resolve_value,
) -> Centres:
    """The section `centres`. Raises `ValueError` naming the centre and the key at fault."""
    listed: list[Any] = given if isinstance(given, list) else []
    if given is not None and not isinstance(given, list):
        raise ValueError("centres: must be a list")
    found: dict[str, Centre] = {}
    for place, one in enumerate(listed, 1):
        region = _region(place, one)
        if region in found:
            raise ValueError(f"centre {region}: stands there twice")
        limits = limits_of(f"{MARK}{region}", one.get("limits") or {})
        its = {key: value for key, value in one.items() if key != "limits"}
        values = resolved(f"centre {region}", its, resolve)
        gate = gate_of(f"{MARK}{region}", limits)
        found[region] = _centre(region, values, gate, (signer, now))
    return Centres(found)


def check_centres(given: object) -> int:
    """How many there are. Raises `ValueError` as building them does; nothing is opened."""
    return len(build_centres(given, signer=_NOBODY, now=_never).by_region)


async def reach_centre(given: Mapping[str, Any]) -> str:
    """Whether a centre gives a token and shows its keys; nobody is asked about.

    Raises `SourceError` where it cannot be reached or refuses us, `ValueError` naming a wrong key.
    """
    centres = build_centres([given], signer=_NOBODY, now=_never)
    try:
        (centre,) = centres.by_region.values()
        await centre.line.tokens.token()
        return f"gave a token; {len(await centre.line.keys.all())} keys"
    finally:
        await centres.aclose()


_NOBODY: Final = MessageSigner(bytes(32))
"""Where nothing is signed."""


def _never() -> datetime:
    raise RuntimeError("nothing is signed here")


def _region(place: int, one: object) -> str:
    if not isinstance(one, Mapping):
        raise ValueError(f"centres: {place}: is no mapping")
    region = one.get("region")
    digits = isinstance(region, str) and region.isascii() and region.isdigit()
    if not digits or not _LEAST <= len(str(region)) <= _MOST:
        raise ValueError(f"centres: {place}: region is text of 2 to 12 digits (GB/T 2260)")
    return str(region)


def _centre(
    region: str,
    values: Mapping[str, Any],
    gate: Gate,
    own: tuple[MessageSigner, Callable[[], datetime]],
) -> Centre:
    name = f"centre {region}"
    unknown = values.keys() - _KEYS
    if unknown:
        raise ValueError(f"{name}: {min(unknown)} is no setting of a centre")
    texts = {key: _text(name, key, values.get(key)) for key in _TEXTS}
    ca = _text(name, "ca", values["ca"]) if "ca" in values else ""
    url = texts["url"].rstrip("/")
    parts = urlsplit(url)
    if parts.scheme != "https" and not names_this_machine(parts.hostname or ""):
        raise ValueError(f"{name}: url must be https://host[:port][/path]")
    if ca and parts.scheme != "https":
        raise ValueError(f"{name}: ca: nothing is checked by it, for url is not https")
    try:
        wire = Wire(url, gate, ca=ca)
        keys = CentreKeys(wire, url, texts["keys"])
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None
    line = Line(
        region=region,
        wire=wire,
        limits=gate.limits,
        tokens=TokenKeeper(
            wire,
            by_basic(TOKEN_PATH, (texts["client_id"], texts["client_secret"])),
            tries=gate.limits.tries,
        ),
        keys=keys,
        signer=own[0],
        now=own[1],
    )
    asked = _sources(name, values.get("sources"))
    return Centre(region, {source: CentreSource(source, line) for source in asked}, line)


def _text(name: str, key: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{name}: {key} is missing")
    return value.strip()


def _sources(name: str, given: object) -> Iterable[str]:
    if given is None:
        return BY_PLACE
    if not isinstance(given, list) or not given:
        raise ValueError(f"{name}: sources must be a list")
    wrong = [one for one in given if one not in MAY_BE_ASKED]
    if wrong:
        raise ValueError(f"{name}: {wrong[0]} is not asked by place: {', '.join(MAY_BE_ASKED)}")
    return tuple(dict.fromkeys(given))
