"""Messages of DCI as the interface's document shows them: the standard's own YAML says the rest."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

Status = Literal["rcvd", "pdng", "succ", "rjct"]


class RegistryHeader(BaseModel):
    """`MsgHeader_V1.0.0`."""

    version: str = "1.0.0"
    message_id: str
    message_ts: datetime
    action: str
    sender_id: str
    sender_uri: str = ""
    receiver_id: str = ""
    total_count: int
    is_msg_encrypted: bool = False
    meta: dict[str, Any] = {}


class RegistryMessageIn(BaseModel):
    """A message; of a callback the header is that of an answer."""

    signature: Annotated[
        str, Field(description="By OpenSPP, OpenG2P (detached JWS) or OpenCRVS (JWS)")
    ] = ""
    header: RegistryHeader
    message: dict[str, Any]


class RegistryAnswerHeader(BaseModel):
    """`MsgCallbackHeader_V1.0.0`."""

    version: str = "1.0.0"
    message_id: str
    message_ts: datetime
    action: str
    status: Status
    status_reason_code: str | None = None
    status_reason_message: str | None = None
    total_count: int | None = None
    completed_count: int | None = None
    sender_id: str | None = None
    receiver_id: str | None = None
    is_msg_encrypted: bool = False
    meta: dict[str, Any] = {}


class RegistryAnswerOut(BaseModel):
    """What is answered at once."""

    signature: str
    header: RegistryAnswerHeader
    message: dict[str, Any] | None = None


class RegistryFault(BaseModel):
    """`Error`: DCI's own code (err.…)."""

    code: str
    message: str


class RegistryAck(BaseModel):
    """How a message was taken in that is answered later."""

    ack_status: Literal["ACK", "NACK", "ERR"]
    timestamp: datetime
    correlation_id: str
    error: RegistryFault | None = None


class RegistryAckOut(BaseModel):
    """`Response`."""

    message: RegistryAck


class RegistryErrorOut(BaseModel):
    """`HttpErrorResponse`, with the parts of a problem document beside it."""

    type: str
    title: str
    status: int
    errors: list[RegistryFault]
