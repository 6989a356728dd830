"""The environment read into one frozen value. Every setting has a default for one machine."""

from pathlib import Path
from typing import Any, Final, Literal

import yaml
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.domain import yaml_text
from app.domain.errors import ConfigurationError


class Settings(BaseSettings):
    """Settings of the service; each is read from `HEDUI_<NAME>`."""

    model_config = SettingsConfigDict(env_prefix="HEDUI_", frozen=True, extra="ignore")

    data_dir: Path = Field(Path("data"), description="Folder for the embedded database and keys.")
    database_url: str = Field("", description="SQLAlchemy URL; default: SQLite in the data folder.")
    migration_database_url: str = Field(
        "", description="The same database as the role that owns its tables; default: the same."
    )
    sources: Path | None = Field(
        None, description="YAML file of sources, limits, rates, other centres."
    )
    programmes: Path | None = Field(None, description="Folder of programme standards.")
    matching_weights: Path | None = Field(None, description="Match weights of your own (JSON).")
    matching_adjustments: Path | None = Field(
        None, description="What reviewers' decisions taught (hedui matching calibrate)."
    )
    models: Path | None = Field(
        None, description="Folder of error-rate models; default: `models` in the data folder."
    )
    alerts: Path | None = Field(
        None, description="Rules of alerts of your own (YAML); default: examples."
    )
    recipients: Path | None = Field(
        None, description="Rules of re-verification: cadences by class, schedule (YAML)."
    )
    retention: Path | None = Field(
        None, description="Terms of retention of your own (YAML); default: examples."
    )
    looks: Path | None = Field(
        None, description="Rules on looks: unusual access, access reports, holidays (YAML)."
    )
    areas: Path | None = Field(None, description="Names of areas by code (YAML), for pages.")
    objections: Path | None = Field(
        None, description="Terms of objections of your own (YAML); default: examples."
    )
    blind_queues: str = Field(
        "",
        description="Sources, by commas, or `all`: of their records in doubt the first reviewer, "
        "too, sees probability and outcome after a choice alone.",
    )
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, description="Port to listen on.")
    public_url: str = Field("http://127.0.0.1:8000", description="How others reach the service.")
    key_file: Path | None = Field(None, description="Master key, 32 bytes in hex.")
    key_source: str = Field(
        "",
        description="Where the master key is instead: file:PATH, env:NAME, command:WORDS "
        "(prints it) or store:WORDS (wraps data keys, HSM).",
    )
    suite: Literal["aes-256-gcm", "sm4-gcm"] = Field(
        "aes-256-gcm", description="Suite of new data keys (hedui keys rotate)."
    )
    audit_key_file: Path | None = Field(None, description="Key of the audit trail, in hex.")
    audit_signing_key: str = Field(
        "",
        description="What signs the trail's heads: file:PATH or env:NAME (a seed of 32 bytes in "
        "hex, Ed25519), or command:ALGORITHM:KEY_ID:PROGRAM; default: a file in the data folder.",
    )
    audit_anchor: str = Field(
        "",
        description="Where heads go, parted by ';': file:PATH, https://…, command:PROGRAM; "
        "default: a file in the data folder.",
    )
    audit_hash: Literal["", "sha256", "sm3"] = Field(
        "",
        description="Hash of the trail's HMAC and heads; default: sm3 with sm4-gcm, else sha256.",
    )
    centre: str = Field(
        "", max_length=100, description="Name of the verification centre, as its reports show it."
    )
    report_signing_key: str = Field(
        "",
        description="What signs reports: file:PATH or env:NAME (a seed of 32 bytes in hex, "
        "Ed25519); command:ALGORITHM:KEY_ID:PROGRAM signs as well, beside the service's own "
        "key; default: a key derived from the master key.",
    )
    report_checking: str = Field(
        "", description="Program that checks signatures of command: (JSON in; 0: right)."
    )
    report_public_keys: Path | None = Field(
        None, description="PEM file of the public keys that signed reports before."
    )
    worker: str = Field(
        "api",
        pattern=r"^[0-9A-Za-z._-]{1,35}$",
        description="This process's name; fixed over restarts, unique.",
    )
    batch_workers: int = Field(
        1,
        ge=0,
        le=64,
        description="Workers that `hedui serve` starts; 0: run apart.",
    )
    metrics: Literal["local", "anyone", "off"] = Field(
        "local", description="Who may read /metrics of the interface."
    )
    metrics_port: int | None = Field(
        None, description="A port of its own for /metrics, at the address of HEDUI_HOST."
    )
    otlp_endpoint: str | None = Field(
        None, description="Where traces go (OTLP over HTTP); none: no traces."
    )
    plain_cookie: bool = Field(
        False, description="Sessions without TLS, for http:// on this machine alone."
    )
    sign_in_free_per_address: int = Field(
        5, ge=5, le=1000, description="Wrong sign-ins from one address before there is a delay."
    )
    password_memory: int = Field(
        65536, ge=19456, le=1048576, description="KiB that one password hash takes (argon2id)."
    )
    oidc_issuer: str = Field("", description="Identity provider of staff (OIDC); none: local.")
    oidc_client_id: str = Field("", description="This service's client id there.")
    oidc_client_secret: str = Field(
        "", repr=False, description="Its secret: env:NAME or file:PATH."
    )
    oidc_second_factor: str = Field(
        "mfa", description="Values of acr or amr, by commas, that tell of a second factor."
    )
    callback_addresses: str = Field(
        "",
        description="Where notices may go, parted by commas: host, host:port, host=network, "
        "network, or the words public (hosts by https) and loopback; default: in production "
        "nowhere, else public, and loopback where the service listens there alone.",
    )
    dci_prefix: str = Field(
        "",
        pattern=r"^(?:/[0-9A-Za-z._~-]{1,40}){0,4}$",
        description="Below which path the DCI registry interface stands, such as /dci; default: at "
        "the root (/registry/…).",
    )
    dci_rsa_key: str = Field(
        "",
        repr=False,
        description="An RSA key (PEM, at least 2048 bits) for DCI partners that read RS256 and "
        "RSA-OAEP-256 alone: file:PATH or env:NAME; default: none.",
    )
    trusted_proxies: str = Field(
        "",
        description="Networks (CIDR, by commas) of proxies whose client certificates and "
        "X-Forwarded-For are believed; none by default.",
    )
    client_certificate_header: str = Field(
        "Client-Cert",
        pattern=r"^[0-9A-Za-z-]{1,60}$",
        description="Header in which a trusted proxy hands on the client certificate: RFC 9440, "
        "or PEM with %-escapes (nginx).",
    )
    rates: str = Field(
        "",
        description="Calls in seconds by class, where they are others than the default: "
        "verify=100/10,batch=60/60,write=100/10,read=300/10,wide=60/600,token=120/60,"
        "public=20/60,address=3000/60.",
    )
    source_figures_seconds: int = Field(
        20, ge=0, description="How old the figures of all sources may be that pages show."
    )
    production: bool = Field(False, description="Refuse settings that are unsafe in production.")

    @property
    def database(self) -> str:
        """The database's URL."""
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / 'hedui.sqlite3'}"

    @property
    def migration_database(self) -> str:
        """The URL by which the schema is changed, backed up and restored: the owner's."""
        return self.migration_database_url or self.database

    @property
    def trail_hash(self) -> str:
        """By which hash the audit trail goes on; what stands in it keeps its own."""
        return self.audit_hash or ("sm3" if self.suite == "sm4-gcm" else "sha256")

    @property
    def models_folder(self) -> Path:
        """Where versions of error-rate parameters and calibrations are kept."""
        return self.models or self.data_dir / "models"


_PARTS: Final = frozenset(
    {"sources", "limits", "exchange_rates", "agreements", "centres", "assistance"}
)


def read_sources_file(path: Path | None) -> dict[str, Any]:
    """The mapping of `sources`, `limits`, `exchange_rates`, `agreements`, `centres`, `assistance`.

    Empty where there is no file.
    """
    if path is None:
        return {}
    try:
        document = yaml_text.load(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigurationError(
            f"HEDUI_SOURCES: {path} cannot be read: {error.strerror}"
        ) from None
    except yaml.YAMLError:
        raise ConfigurationError(f"HEDUI_SOURCES: {path} is not YAML") from None
    if not isinstance(document, dict):
        raise ConfigurationError(f"HEDUI_SOURCES: {path} must hold a mapping with `sources`")
    unknown = set(document) - _PARTS
    if unknown:
        raise ConfigurationError(f"HEDUI_SOURCES: {path}: unknown part {sorted(unknown)[0]}")
    return document
