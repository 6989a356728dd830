"""Key sets of DCI parties: public keys as they publish them, our private ones (RFC 7517)."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, OKPKey, RSAKey

KeyPair: TypeAlias = RSAKey | ECKey | OKPKey
LEAST_RSA_BITS: Final = 2_048
_CURVES: Final = {"EC": {"P-256"}, "OKP": {"Ed25519", "X25519"}}
_MOST_KEYS: Final = 20


class BadKeys(ValueError):  # noqa: N818 - a word of its own reads best where it is caught
    """What was given is no set of usable keys; the text names the place, no key."""


def read_keys(document: object) -> tuple[KeyPair, ...]:
    """The keys of a JWK set that can be used here; those of other kinds are left out.

    Raises `BadKeys` where it is none, or a key is damaged or too weak.
    """
    given = document.get("keys") if isinstance(document, Mapping) else None
    if not isinstance(given, list) or len(given) > _MOST_KEYS:
        raise BadKeys(f"a JWK set has a list `keys` of at most {_MOST_KEYS}")
    return tuple(_read(given))


def _read(given: list[object]) -> Iterator[KeyPair]:
    for place, one in enumerate(given):
        if not isinstance(one, Mapping):
            raise BadKeys(f"keys/{place} is no key")
        if one.get("kty") not in {"RSA", *_CURVES}:
            continue
        if one["kty"] != "RSA" and one.get("crv") not in _CURVES[str(one["kty"])]:
            continue
        yield import_key(dict(one), place)


def import_key(one: dict[str, Any], place: int = 0) -> KeyPair:
    """One key. Raises `BadKeys`."""
    if one.get("kty") == "RSA" and len(str(one.get("n", ""))) * 6 < LEAST_RSA_BITS:
        raise BadKeys(f"keys/{place} has fewer than {LEAST_RSA_BITS} bits")
    try:
        key = JWKRegistry.import_key(one)
    except (JoseError, ValueError, TypeError, KeyError):
        raise BadKeys(f"keys/{place} is damaged") from None
    if not isinstance(key, RSAKey | ECKey | OKPKey):
        raise BadKeys(f"keys/{place} is of a kind that is not used here")
    return key


def key_id(key: KeyPair) -> str:
    """The key's own id, else its thumbprint (RFC 7638), which OpenCRVS uses."""
    return str(key.kid or key.thumbprint())


def fits(key: KeyPair, kid: str) -> bool:
    """Whether a signature or an encryption that names `kid` may mean this key."""
    return kid in {str(key.kid or ""), str(key.thumbprint())}


def public_of(key: KeyPair, *, use: str, algorithm: str) -> dict[str, Any]:
    """A key as it is published: `kty`, `kid`, `use` (`sig`, `enc`), `alg`, public parts alone."""
    shown = dict(key.as_dict(private=False))
    return {**shown, "kid": key_id(key), "use": use, "alg": algorithm}
