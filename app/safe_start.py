"""Refuses to start where a setting is unsafe: each rule names the setting and the remedy.

`hedui config check` shows them all; a service with HEDUI_PRODUCTION refuses what is marked failed.
"""

import os
import stat
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import sqlalchemy as sa

from app.domain.errors import ConfigurationError
from app.jobs.checkup import Finding, State
from app.settings import Settings
from connectors.centres import MARK
from connectors.registry import resolve_value
from connectors.transport.addresses import names_this_machine

_SECRETS: Final = frozenset(
    {"token", "password", "key", "client_secret", "licence", "secret", "private_key"}
)
_KNOWN_SECRETS: Final = frozenset(
    {"changeme", "change-me", "password", "secret", "hedui", "admin", "test", "demo", "123456"}
)
"""What is in examples and in everybody's first guess."""
_LEAST_SECRET: Final = 8  # characters
_WAYS: Final = ("env:", "file:")
Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Looked:
    """What the rules look at: the settings and the sources file as it was read."""

    settings: Settings
    document: Document

    @property
    def sources(self) -> Mapping[str, Mapping[str, Any]]:
        """With other centres, which are called alike; their public keys are no secret."""
        given = self.document.get("sources") or {}
        listed = self.document.get("centres") or []
        centres = {
            f"{MARK}{its.get('region')}": {key: its[key] for key in its if key != "keys"}
            for its in listed
            if isinstance(its, Mapping)
        }
        return {name: its for name, its in given.items() if isinstance(its, Mapping)} | centres


def _failed(name: str, detail: str, remedy: str) -> Finding:
    return Finding(name, State.FAILED, detail, remedy)


def _database(looked: Looked) -> Iterator[Finding]:
    url = sa.make_url(looked.settings.database)
    if url.get_backend_name() == "sqlite":
        yield _failed(
            "database",
            "SQLite has no second wall between regions and is no place for a county",
            "set HEDUI_DATABASE_URL to PostgreSQL",
        )
        return
    ways = {str(url.query.get(name, "")) for name in ("ssl", "sslmode")}
    if not _is_local(url.host) and not ways & {"require", "verify-ca", "verify-full"}:
        yield _failed(
            "database", "the connection is not encrypted", "add ?ssl=verify-full to the URL"
        )
    if url.password is not None and url.password.lower() in _KNOWN_SECRETS:
        yield _failed("database", "its password is one that everybody knows", "change it")


def _public_url(looked: Looked) -> Iterator[Finding]:
    if not looked.settings.public_url.startswith("https://"):
        yield _failed("public URL", "it is not https", "set HEDUI_PUBLIC_URL to https://…")


def _keys(looked: Looked) -> Iterator[Finding]:
    elsewhere = bool(looked.settings.key_source)
    for name, given in (
        ("HEDUI_KEY_FILE", looked.settings.key_file),
        ("HEDUI_AUDIT_KEY_FILE", looked.settings.audit_key_file),
    ):
        if given is None and name == "HEDUI_KEY_FILE" and elsewhere:
            continue
        if given is None:
            if name == "HEDUI_KEY_FILE" and looked.settings.key_source:
                continue
            yield _failed(
                "keys", f"{name} is not set: the key would lie beside the data", f"set {name}"
            )
        elif _is_inside(given, looked.settings.data_dir):
            yield _failed(
                "keys", f"{name} lies in the data folder", "keep keys apart from the data"
            )


def _is_inside(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())


def _trail(looked: Looked) -> Iterator[Finding]:
    """Who administers the database must be able neither to sign heads nor to reach the anchors."""
    settings = looked.settings
    if not settings.audit_signing_key:
        detail = "the key that signs its heads would lie beside the data"
        yield _failed("audit trail", detail, "set HEDUI_AUDIT_SIGNING_KEY")
    anchors = [one.strip() for one in settings.audit_anchor.split(";") if one.strip()]
    if not anchors:
        detail = "its heads are anchored nowhere else: it could be cut unseen"
        yield _failed("audit trail", detail, "set HEDUI_AUDIT_ANCHOR")
    for one in anchors:
        kind, _, place = one.partition(":")
        if kind == "file" and _is_inside(Path(place), settings.data_dir):
            detail = "an anchor lies in the data folder"
            yield _failed("audit trail", detail, "anchor it on another machine's disk")


def _cookies(looked: Looked) -> Iterator[Finding]:
    if looked.settings.plain_cookie:
        yield _failed("sessions", "they go without TLS", "take HEDUI_PLAIN_COOKIE away")


def _key_files(looked: Looked) -> Iterator[Finding]:
    """In every profile: a key that others may read is none."""
    own = (looked.settings.key_file, looked.settings.audit_key_file)
    named = [path for path in own if path is not None]
    for its in looked.sources.values():
        texts = [text for text in its.values() if isinstance(text, str)]
        named += [Path(text[5:]) for text in texts if text.startswith("file:")]
    for path in named:
        if _is_open(path) and path.suffix != ".pub":
            yield _failed("key files", f"{path}: others may read it", f"chmod 600 {path}")


def _is_open(path: Path) -> bool:
    try:
        return bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))
    except OSError:
        return False  # whoever reads it says that it is missing


def _debugging(_looked: Looked) -> Iterator[Finding]:
    on = [
        name
        for name, is_on in (
            ("python -X dev", sys.flags.dev_mode),
            ("PYTHONASYNCIODEBUG", bool(os.environ.get("PYTHONASYNCIODEBUG"))),
            ("SQLALCHEMY_WARN_20", bool(os.environ.get("SQLALCHEMY_WARN_20"))),
        )
        if is_on
    ]
    if on:
        yield _failed("debugging", f"{on[0]} is on: faults may show values", "switch it off")


def _metrics(looked: Looked) -> Iterator[Finding]:
    if looked.settings.metrics == "anyone":
        yield _failed(
            "metrics", "everybody may read them", "set HEDUI_METRICS=local or HEDUI_METRICS_PORT"
        )


def _traces(looked: Looked) -> Iterator[Finding]:
    endpoint = looked.settings.otlp_endpoint
    if endpoint is not None and _is_plain(endpoint):
        yield _failed("traces", "they leave unencrypted", "set HEDUI_OTLP_ENDPOINT to https://…")


def _sources(looked: Looked) -> Iterator[Finding]:
    for name, its in looked.sources.items():
        for key, text in its.items():
            if isinstance(text, str):
                yield from _source_value(name, key, text)
        if str(its.get("url", "")).startswith("sftp:") and not its.get("host_key"):
            yield _failed(
                f"source {name}", "host_key is missing: anybody could be it", "add its host_key"
            )


def _source_value(name: str, key: str, text: str) -> Iterator[Finding]:
    place = f"source {name}"
    if key in _SECRETS and not text.startswith(_WAYS):
        yield _failed(place, f"{key} stands in the file itself", "write env:NAME or file:PATH")
    try:
        value = resolve_value(text)
    except ValueError as error:
        yield _failed(place, f"{key}: {error}", "correct it in the sources file")
        return
    if key in _SECRETS and (len(value) < _LEAST_SECRET or value.lower() in _KNOWN_SECRETS):
        yield _failed(place, f"{key} can be guessed", "ask the source's office for another")
    if _is_plain(value):
        yield _failed(place, f"{key} is plain HTTP", "use https, or a gateway on this machine")


def _is_plain(url: str) -> bool:
    if not url.startswith("http://"):
        return False
    try:
        return not _is_local(urlsplit(url).hostname)
    except ValueError:
        return True


def _is_local(host: str | None) -> bool:
    """This machine: loopback, a socket, no host at all."""
    return not host or host.startswith("/") or names_this_machine(host)


RULES: Final[tuple[Callable[[Looked], Iterator[Finding]], ...]] = (
    _database,
    _public_url,
    _keys,
    _trail,
    _cookies,
    _key_files,
    _debugging,
    _metrics,
    _traces,
    _sources,
)
"""What can be seen from the settings alone."""


def unsafe_settings(settings: Settings, document: Document) -> list[Finding]:
    """What a service in production refuses to start with."""
    looked = Looked(settings, document)
    return [finding for rule in RULES for finding in rule(looked)]


def refuse_unsafe(settings: Settings, document: Document) -> None:
    """Raises `ConfigurationError` naming all that is unsafe; nothing where not in production."""
    if not settings.production:
        return
    found = unsafe_settings(settings, document)
    if found:
        words = "; ".join(f"{one.name}: {one.detail} ({one.remedy})" for one in found)
        raise ConfigurationError(f"refused in production: {words}")
