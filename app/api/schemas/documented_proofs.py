"""What the interface's document says of proofs."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from app.api.schemas import documented as doc
from app.review.proof_files import MediaType


class ProofOut(BaseModel):
    """A file that was handed in 材料; `digest`: `sha256:` and the hash of the file."""

    id: Annotated[str, Field(pattern="^pf_")]
    owner_kind: Annotated[str, Field(examples=["review_item", "objection"])]
    owner: str
    media_type: MediaType
    size: Annotated[int, Field(gt=0, description="Bytes")]
    digest: Annotated[str, Field(pattern="^sha256:[0-9a-f]{64}$")]
    added_by: str
    added_at: datetime


class ProofsOut(BaseModel):
    """What was handed in for something, the oldest first."""

    proofs: list[ProofOut]


_NOT_THERE: doc.Responses = {404: doc.SHOWN[404], 410: doc.SHOWN[410]}
_NOT_VALID: doc.Responses = {422: doc.JUDGED[422]}
_FULL: dict[str, Any] = {**doc.CHANGED[409], "description": "The verification has 100 proofs"}
ADDED: dict[str, Any] = {
    "responses": {
        201: {"model": ProofOut},
        **_NOT_THERE,
        409: _FULL,
        413: {**doc.JUDGED[413], "description": "The file is larger than 10 MB"},
        422: {
            **doc.JUDGED[422],
            "description": "The file is no whole PDF, JPEG or PNG, or holds what runs",
        },
    },
    "openapi_extra": {
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "required": ["file"],
                        "properties": {"file": {"type": "string", "format": "binary"}},
                    }
                }
            },
        }
    },
}
LISTED: doc.Responses = {200: {"model": ProofsOut}, **_NOT_THERE, **_NOT_VALID}
FILE: doc.Responses = {
    200: {
        "description": "The file, to be saved",
        "content": {kind.value: {} for kind in MediaType},
    },
    **_NOT_THERE,
}
