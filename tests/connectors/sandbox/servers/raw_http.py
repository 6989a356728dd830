"""One question to each HTTP source in raw bytes, and a client that hides nothing."""

import asyncio
import hashlib
import hmac
import time
from base64 import b64encode
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import quote

import orjson

from connectors.sandbox.sandbox import Sandbox
from tests.connectors.sandbox.servers.tiny_registers import LI_MING

HTTP_SOURCES = (
    "household_registry",
    "tax",
    "social_insurance",
    "property",
    "business_registration",
    "vehicle",
    "insurance",
)
TAX_BODY = (
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns:t="urn:tax:income:v1"><soapenv:Body><t:queryIncome><t:xm>李明</t:xm>'
    f"<t:zjlx>201</t:zjlx><t:zjhm>{LI_MING[1]}</t:zjhm><t:skssqq>2025-11</t:skssqq>"
    "<t:skssqz>2026-10</t:skssqz></t:queryIncome></soapenv:Body></soapenv:Envelope>"
)


@dataclass(frozen=True)
class Raw:
    """What came back, and whether the other side ended the connection (and how)."""

    data: bytes
    ended: bool
    was_reset: bool = False

    @property
    def head(self) -> str:
        return self.data.partition(b"\r\n\r\n")[0].decode()

    @property
    def body(self) -> bytes:
        return self.data.partition(b"\r\n\r\n")[2]

    @property
    def status(self) -> int:
        return int(self.head.split(" ", 2)[1])


async def exchange(port: int, request: bytes, seconds: float = 5.0) -> Raw:
    """Sends the bytes and reads until the end of the connection, or for so many seconds."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    data = bytearray()
    ended = was_reset = False
    try:
        writer.write(request)
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while chunk := await reader.read(1 << 16):
                    data += chunk
                ended = True
    except ConnectionResetError:
        ended = was_reset = True
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
    return Raw(bytes(data), ended, was_reset)


def question(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    sent = {"Host": "127.0.0.1", "Connection": "close", "Content-Length": str(len(body))} | headers
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


def signed(sandbox: Sandbox, body: bytes, age: int = 0, app_id: str = "hedui") -> dict[str, str]:
    stamp = str(int(time.time()) - age)
    key = sandbox.credentials.insurance_key.encode()
    digest = hmac.new(key, stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {"X-App-Id": app_id, "X-Timestamp": stamp, "X-Signature": digest}


async def prepared(sandbox: Sandbox, source: str) -> bytes:
    """The question about 李明 whose answer holds records; what comes before it is done."""
    secret, port = sandbox.credentials, sandbox.ports[source]
    name, number = quote(LI_MING[0]), LI_MING[1]
    match source:
        case "household_registry":
            body = orjson.dumps({"xm": LI_MING[0], "gmsfhm": number})
            headers = {"X-Auth-Token": secret.household_registry_token}
            return question("POST", "/hukou/v1/person-query", headers, body)
        case "tax":
            basic = b64encode(f"{secret.tax_username}:{secret.tax_password}".encode()).decode()
            headers = {"Authorization": f"Basic {basic}", "SOAPAction": '"queryIncome"'}
            return question("POST", "/tax/services/IncomeQuery", headers, TAX_BODY.encode())
        case "social_insurance":
            headers = {"Authorization": f"Bearer {secret.social_insurance_key}"}
            asked = {"from": "202511", "to": "202610"}
            persons = [{"xm": LI_MING[0], "sfzh": number}]
            body = orjson.dumps(asked | {"persons": persons})
            job = await exchange(port, question("POST", "/sb/v2/jobs", headers, body))
            return question("GET", f"/sb/v2/jobs/{orjson.loads(job.body)['jobId']}", headers)
        case "property":
            path = f"/bdc/ownerships?name={name}&certNo={number}&page=1&size=20"
            return question("GET", path, {"apikey": secret.property_key})
        case "business_registration":
            user = f"{secret.business_client_id}:{secret.business_client_secret}"
            headers = {
                "Authorization": f"Basic {b64encode(user.encode()).decode()}",
                "Content-Type": "application/x-www-form-urlencoded",
            }
            form = b"grant_type=client_credentials"
            token = await exchange(port, question("POST", "/oauth/token", headers, form))
            bearer = f"Bearer {orjson.loads(token.body)['access_token']}"
            path = f"/aic/v1/persons/interests?name={name}&idNo={number}"
            return question("GET", path, {"Authorization": bearer})
        case "vehicle":
            asked_name = quote(LI_MING[0].encode("gbk"))
            licence = secret.vehicle_licence
            path = f"/ccgl/query?xm={asked_name}&sfzmhm={number}&sqm={licence}"
            return question("GET", path, {})
        case _:
            asked_about = [{"seq": 1, "xm": LI_MING[0], "zjhm": number}]
            body = orjson.dumps({"inquiryNo": "T-1", "persons": asked_about})
            await exchange(port, question("POST", "/ins/v1/inquiries", signed(sandbox, body), body))
            return question("GET", "/ins/v1/inquiries/T-1", signed(sandbox, b""))
