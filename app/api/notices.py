"""/v1/notices/key: with what a client checks that a notice 回调通知 is the service's own."""

from fastapi import APIRouter
from pydantic import BaseModel

from app.api.deps import MayRead, Service
from app.api.schemas import documented as doc

router = APIRouter(tags=["notices"])


class NoticeKeyOut(BaseModel):
    """The client's own key; `X-Hedui-Signature` is `sha256=` and the HMAC in hex."""

    algorithm: str = "HMAC-SHA256"
    key: str
    signed: str = "X-Hedui-Timestamp + '.' + body"


@router.get(
    "/v1/notices/key",
    summary="The key that notices to this client are signed with",
    responses=doc.GUARDED,
)
async def notice_key(service: Service, who: MayRead) -> NoticeKeyOut:
    """In hex, 32 bytes; another client has another one."""
    return NoticeKeyOut(key=service.notice_key(who.client_id).hex())
