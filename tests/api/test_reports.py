"""Reports: by Accept, immutable; the public check, which tells nothing of anybody."""

from base64 import b64decode, urlsafe_b64decode
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from app.api.reports import accepted
from app.store.tables import report
from tests.service_parts import HEAD, NAMES, NUMBERS, Running

pytestmark = pytest.mark.asyncio(loop_scope="module")
PERSONAL = (*NAMES.values(), *NUMBERS.values(), "民康街道", "15320.55")


async def issued(shared: Running) -> tuple[str, dict[str, Any]]:
    document = (await shared.post()).json()
    return document["id"], document["report"]


async def check(shared: Running, number: str, code: str) -> Any:
    return await shared.http.get(f"/v1/reports/{number}", params={"code": code})


async def test_as_json_html_and_pdf(shared: Running) -> None:
    id_, head = await issued(shared)
    path = f"/v1/verifications/{id_}/report"
    as_json = await shared.get(path, Accept="application/json")
    assert as_json.json()["head"]["number"] == head["number"]
    assert as_json.json()["result"]["decisions"]
    page = await shared.get(path, Accept="text/html,application/xhtml+xml")
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert head["number"] in page.text
    english = await shared.get(path, **{"Accept": "text/html", "Accept-Language": "en"})
    assert english.text != page.text
    pdf = await shared.get(path, Accept="application/pdf")
    assert pdf.headers["content-type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF-")


async def test_names_and_numbers_are_masked_in_every_form(shared: Running) -> None:
    id_, _ = await issued(shared)
    path = f"/v1/verifications/{id_}/report"
    for kind in ("application/json", "text/html"):
        text = (await shared.get(path, Accept=kind)).text
        assert not [one for one in (*NUMBERS.values(), NAMES["m1"]) if one in text]
        assert "李*" in text
        assert HEAD[-4:] in text


async def test_another_form_is_not_acceptable(shared: Running) -> None:
    id_, _ = await issued(shared)
    reply = await shared.get(f"/v1/verifications/{id_}/report", Accept="image/png")
    assert (reply.status_code, reply.json()["type"]) == (406, "urn:hedui:problem:not-acceptable")


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("*/*", "application/json"),
        ("", "application/json"),
        ("application/*", "application/json"),
        ("text/*", "text/html"),
        ("image/png, application/pdf;q=0.5", "application/pdf"),
        ("APPLICATION/PDF", "application/pdf"),
        ("image/png", None),
    ],
)
async def test_the_form_by_accept(header: str, kind: str | None) -> None:
    assert accepted(header) == kind


async def test_without_a_report_there_is_none(shared: Running) -> None:
    gone = await shared.get("/v1/verifications/vf_none/report")
    assert gone.status_code == 404


async def test_a_genuine_report(shared: Running) -> None:
    id_, head = await issued(shared)
    for code in (head["verification_code"], head["verification_code"].lower().replace("-", "")):
        reply = await check(shared, head["number"], code)
        assert reply.status_code == 200
        [signature] = reply.json()["signatures"]
        assert (signature["algorithm"], signature["valid"]) == ("ed25519", True)
        assert {**reply.json(), "content_digest": "", "signatures": []} == {
            "number": head["number"],
            "version": 1,
            "newest_version": 1,
            "kind": "verification",
            "issued_at": "2026-11-24T04:00:00Z",
            "valid_until": "2027-05-24",
            "state": "valid",
            "genuine": True,
            "endorsed": False,
            "content_digest": "",
            "sm3_digest": None,
            "signatures": [],
        }
        assert not [one for one in PERSONAL if one in reply.text]
        assert id_ not in reply.text


async def test_a_wrong_number_and_a_wrong_code_look_alike(shared: Running) -> None:
    _, head = await issued(shared)
    replies = [
        await check(shared, number, code)
        for number, code in (
            (head["number"], "0000-0000"),
            ("HD-220102-2026-9999999", head["verification_code"]),
            (head["number"], ""),
            ("x" * 500, "y" * 500),
        )
    ]
    assert {reply.status_code for reply in replies} == {404}
    assert len({reply.content for reply in replies}) == 1


async def test_an_expired_report_says_so(shared: Running) -> None:
    _, head = await issued(shared)
    now = shared.clock.now
    try:
        shared.clock.now = now.replace(year=2027, month=5, day=24, hour=15)  # 23:00 in China
        last_day = (await check(shared, head["number"], head["verification_code"])).json()
        shared.clock.forward(hours=1)
        after = (await check(shared, head["number"], head["verification_code"])).json()
    finally:
        shared.clock.now = now
    assert (last_day["state"], after["state"]) == ("valid", "expired")


async def test_a_changed_report_is_not_genuine(shared: Running) -> None:
    _, head = await issued(shared)
    await shared.parts.shelf.database.write(
        lambda tx: tx.execute(
            report.update()
            .where(report.c.number == head["number"])
            .values(content_digest="sha256:" + "0" * 64)
        )
    )
    reply = await check(shared, head["number"], head["verification_code"])
    assert reply.json()["genuine"] is False


async def test_the_signature_holds_over_the_json_byte_for_byte(shared: Running) -> None:
    id_, head = await issued(shared)
    content = (await shared.get(f"/v1/verifications/{id_}/report")).content
    [signature] = (await check(shared, head["number"], head["verification_code"])).json()[
        "signatures"
    ]
    keys = (await shared.http.get("/v1/reports/keys")).json()["keys"]
    [x] = [one["x"] for one in keys if one["kid"] == signature["key_id"]]
    public = Ed25519PublicKey.from_public_bytes(urlsafe_b64decode(x + "="))
    public.verify(b64decode(signature["value"]), content)
    with pytest.raises(InvalidSignature):
        public.verify(b64decode(signature["value"]), content + b" ")


async def test_a_content_that_was_sealed_anew_lacks_the_signature(shared: Running) -> None:
    """Whoever can write the database can make content and digest agree, and no signature."""
    _, head = await issued(shared)
    await shared.parts.shelf.database.write(
        lambda tx: tx.execute(
            report.update().where(report.c.number == head["number"]).values(signature=b"0" * 64)
        )
    )
    told = (await check(shared, head["number"], head["verification_code"])).json()
    assert (told["genuine"], told["signatures"][0]["valid"]) == (False, False)
