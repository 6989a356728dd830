"""The shapes of what lies beside a report: how it reads, who issued it, which copies left."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from app.domain.decision import ActionKind
from app.report.variants import Variant

Language = Literal["zh", "en"]
State = Literal["valid", "expired", "superseded"]


class SheetOut(BaseModel):
    """The report as it reads, in one language: headings, tables and lines in their order."""

    title: str
    number: str
    version: int
    language: Language
    variant: Variant
    centre: str
    marks: Annotated[
        list[dict[str, str]], Field(description="A translation, superseded, incomplete, …")
    ]
    facts: Annotated[list[list[str]], Field(description="Label and value of what names it")]
    sections: list[dict[str, Any]]
    signatures: list[list[str]]
    foot: str
    printed: Annotated[str, Field(description="Which copy it is; empty where none")]
    watermark: str
    missing: Annotated[list[str], Field(description="Characters that the font does not have")]
    code: Annotated[str, Field(description="The verification code 核验码")]
    code_label: str
    check_url: str
    qr: Annotated[dict[str, Any], Field(description="Size and SVG path of the QR code")]
    issued_at: datetime


class SignatureOut(BaseModel):
    """Over the report's JSON, byte for byte; `valid` is null where nobody here can check it."""

    algorithm: Annotated[str, Field(examples=["ed25519", "sm2"])]
    key_id: str
    value: Annotated[str, Field(description="Base64")]
    valid: bool | None


class GenuineOut(BaseModel):
    """What anybody may know of a report."""

    number: str
    version: int
    newest_version: Annotated[int, Field(description="Another one than `version` supersedes it")]
    kind: Annotated[
        Literal["verification", "suspension"],
        Field(description="`suspension`: of a verification that was ended before its end"),
    ]
    issued_at: datetime
    valid_until: date
    state: Literal["valid", "expired", "superseded"]
    genuine: Annotated[
        bool, Field(description="Unchanged since it was issued: digests and signature hold")
    ]
    endorsed: Annotated[
        bool,
        Field(description="Two persons issued it; otherwise the system did, and no person signed"),
    ]
    content_digest: Annotated[str, Field(pattern="^sha256:")]
    sm3_digest: Annotated[str | None, Field(pattern="^sm3:")]
    signatures: list[SignatureOut]


class OpenReviewOut(BaseModel):
    """A review item that is open."""

    id: str
    kind: ActionKind


class OpenOut(BaseModel):
    """One thing that is open before the report can be issued; `items`: where they are in review."""

    code: Annotated[str, Field(examples=["review_open", "sources_missing"])]
    blocks: bool
    count: int
    items: list[OpenReviewOut] = []


class EndorsementOut(BaseModel):
    """Two persons issue a report 出具: one prepares it, another signs it or gives it back."""

    id: Annotated[str, Field(pattern="^re_")]
    state: Literal["open", "signed", "returned"]
    preparer: str
    prepared_by: str
    prepared_at: datetime
    signer: str | None
    decided_by: str | None
    decided_at: datetime | None
    checklist: list[OpenOut]


class PrintOut(BaseModel):
    """One copy that left 打印、下载记录."""

    copy_number: int
    name: str
    actor: str
    format: Literal["pdf", "html", "json"]
    variant: Variant
    language: Language
    terminal: str
    printed_at: datetime


class VersionOut(BaseModel):
    """One version of the number; each is of a verification of its own."""

    version: int
    verification: str
    issued_at: datetime
    valid_until: date
    superseded_at: datetime | None


class StepOut(BaseModel):
    """Whether the caller may do it now, and if not, why."""

    may: bool
    why: str | None


class PapersOut(BaseModel):
    """A report and all that lies beside it; for a township without prints and checklist."""

    number: str
    version: int
    kind: Literal["verification", "suspension"]
    state: State
    genuine: bool
    endorsed: bool
    issued_at: datetime
    valid_until: date
    content_digest: str
    sm3_digest: str | None
    signatures: list[SignatureOut]
    variants: list[Variant]
    versions: list[VersionOut]
    checklist: list[OpenOut]
    endorsements: list[EndorsementOut]
    prints: list[PrintOut]
    printed_times: int
    prepare: StepOut
    sign: StepOut
    give_back: StepOut


class ReportKeyOut(BaseModel):
    """An Ed25519 public key as a JWK (RFC 8037)."""

    kty: str
    crv: str
    x: str
    kid: str
    alg: str
    use: str


class ReportKeysOut(BaseModel):
    """A JWK set (RFC 7517)."""

    keys: list[ReportKeyOut]
