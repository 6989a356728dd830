"""Who we are to a DCI registry and who it is to us, read from the configuration of a source."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from connectors.dci.codes import QueryType
from connectors.dci.encryption import EncryptionInvalid, algorithm_of
from connectors.dci.keys import BadKeys, KeyPair, import_key, read_keys
from connectors.dci.signatures import Dialect

SETTING: Final = "dci"
"""A source with this section in its settings is asked through the DCI registry API."""
TOKEN_PATH: Final = "/oauth2/client/token"  # noqa: S105 - where tokens are asked for
REGISTRY: Final = "/registry"
DEFAULT_IDS: Final[Mapping[str, str]] = {
    "resident_id": "NATIONAL_ID",
    "passport": "PASSPORT",
    "hk_macau_permit": "HK_MACAU_PERMIT",
    "taiwan_permit": "TAIWAN_PERMIT",
}
_TEXTS: Final[Mapping[str, str]] = {
    "url": "",
    "sender_id": "",
    "receiver_id": "",
    "prefix": REGISTRY,
    "reg_type": "ns:org:RegistryType:Civil",
    "reg_record_type": "person",
    "reg_event_type": "",
    "response_entity": "",
    "locale": "eng",
    "token_path": TOKEN_PATH,
    "client_id": "",
    "client_secret": "",
    "token_in": "form",
    "signature": Dialect.NONE.value,
    "query_type": QueryType.ID.value,
    "callback_url": "",
    "purpose": "",
}
_KEYS: Final = ("key", "peer_keys", "decryption_key")
_OTHERS: Final = ("id_types", "encrypt", "poll_seconds", "by_name")
_NEEDED: Final = ("url", "sender_id")
_NAMED: Final = ("name", "birth_date")
_TOKEN_IN: Final = ("form", "basic", "query")


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """One registry as it is configured.

    `by_name`: what they call name and birth date, by which persons without a document are asked
    for; empty: they are not. `key`: signs what we send, in `dialect`; `peer_keys`: what theirs must
    be signed with (none: their signatures are not asked for); `id_types`: what they call our kinds
    of documents.
    """

    texts: Mapping[str, str] = field(repr=False)
    dialect: Dialect
    query_type: QueryType
    id_types: Mapping[str, str]
    by_name: Mapping[str, str] = field(default_factory=dict)
    key: KeyPair | None = field(default=None, repr=False)
    peer_keys: tuple[KeyPair, ...] = field(default=(), repr=False)
    decryption_keys: tuple[KeyPair, ...] = field(default=(), repr=False)
    encrypt: bool = False
    poll_seconds: int = 300

    def __getitem__(self, name: str) -> str:
        return self.texts[name]

    @property
    def is_async(self) -> bool:
        return bool(self.texts["callback_url"])

    @property
    def encryption_key(self) -> KeyPair | None:
        """The first of theirs that may be encrypted for."""
        for key in self.peer_keys:
            try:
                algorithm_of(key)
            except EncryptionInvalid:
                continue
            if key.as_dict(private=False).get("use") != "sig":
                return key
        return None


def read_party(name: str, config: Mapping[str, Any]) -> Party:
    """The section `dci` of a source. Raises `ValueError` naming the key at fault, never a value."""
    unknown = sorted(config.keys() - _TEXTS.keys() - {*_KEYS, *_OTHERS})
    if unknown:
        raise ValueError(f"{name}: dci/{unknown[0]} is no setting of a DCI registry")
    texts = {key: _text(name, key, config.get(key, default)) for key, default in _TEXTS.items()}
    for key in _NEEDED:
        if not texts[key]:
            raise ValueError(f"{name}: dci/{key} is missing")
    if texts["token_in"] not in _TOKEN_IN:
        raise ValueError(f"{name}: dci/token_in is one of {', '.join(_TOKEN_IN)}")
    party = Party(
        texts=texts,
        dialect=_word(name, "signature", Dialect, texts),
        query_type=_word(name, "query_type", QueryType, texts),
        id_types=_id_types(name, config.get("id_types", {})),
        by_name=_by_name(name, config.get("by_name")),
        key=_own_key(name, "key", config),
        peer_keys=_peer_keys(name, config),
        decryption_keys=tuple(filter(None, (_own_key(name, "decryption_key", config),))),
        encrypt=config.get("encrypt") is True,
        poll_seconds=_seconds(name, config.get("poll_seconds", 300)),
    )
    _check(name, party)
    return party


def _check(name: str, party: Party) -> None:
    """What goes only together."""
    if party.dialect is not Dialect.NONE and party.key is None:
        raise ValueError(f"{name}: dci/signature needs dci/key")
    if party.is_async and not party.peer_keys:
        raise ValueError(f"{name}: dci/callback_url needs dci/peer_keys: anybody may call it")
    if party.encrypt and (party.encryption_key is None or not party.decryption_keys):
        raise ValueError(f"{name}: dci/encrypt needs a key of theirs and dci/decryption_key")


def _text(name: str, key: str, value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{name}: dci/{key} is a text")
    return value.strip()


def _word(name: str, key: str, words: Any, texts: Mapping[str, str]) -> Any:
    try:
        return words(texts[key])
    except ValueError:
        raise ValueError(f"{name}: dci/{key} is one of {', '.join(words)}") from None


def _id_types(name: str, given: object) -> Mapping[str, str]:
    if not isinstance(given, Mapping) or given.keys() - DEFAULT_IDS.keys():
        raise ValueError(f"{name}: dci/id_types has keys of {', '.join(DEFAULT_IDS)}")
    return {**DEFAULT_IDS, **{str(key): str(value) for key, value in given.items()}}


def _by_name(name: str, given: object) -> Mapping[str, str]:
    if given is None:
        return {}
    if not isinstance(given, Mapping) or given.keys() != set(_NAMED):
        raise ValueError(f"{name}: dci/by_name has the keys {', '.join(_NAMED)}")
    return {key: _text(name, f"by_name/{key}", given[key]) for key in _NAMED}


def _seconds(name: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError(f"{name}: dci/poll_seconds is a whole number")
    return value


def _own_key(name: str, key: str, config: Mapping[str, Any]) -> KeyPair | None:
    """A private key as JWK."""
    text = config.get(key)
    if text is None:
        return None
    try:
        made = import_key(_parsed(text))
    except (BadKeys, ValueError):
        raise ValueError(f"{name}: dci/{key} is no JWK") from None
    if not made.is_private:
        raise ValueError(f"{name}: dci/{key} is no private key")
    return made


def _peer_keys(name: str, config: Mapping[str, Any]) -> tuple[KeyPair, ...]:
    text = config.get("peer_keys")
    if text is None:
        return ()
    try:
        keys = read_keys(_parsed(text))
    except (BadKeys, ValueError) as error:
        raise ValueError(f"{name}: dci/peer_keys: {error}") from None
    if not keys:
        raise ValueError(f"{name}: dci/peer_keys has no key that is used here")
    return keys


def _parsed(text: object) -> Any:
    """Raises `ValueError` that quotes nothing."""
    try:
        return json.loads(text) if isinstance(text, str) else text
    except ValueError:
        raise ValueError("it is no JSON") from None
