"""Who vouches for a report: the service's key, earlier keys, and a provider's program."""

import sys
from pathlib import Path
from typing import Any

import pytest

from app.audit.signing import CommandSigner, Ed25519Signer, PublicKeys
from app.jobs.report_signing import ProviderSigning
from app.report.signing import Provider, ReportKeys, sm3_digest
from app.store.reports import IssuedReport
from tests.service_parts import Running, all_ten, running

CONTENT = b'{"form": 2}'
SIGNS = (
    "import sys; from hashlib import sha256;"
    "print(sha256(b'hsm' + sys.stdin.buffer.read()).hexdigest())"
)
CHECKS = (
    "import sys, json; from hashlib import sha256; q = json.load(sys.stdin);"
    "sys.exit(sha256(b'hsm' + bytes.fromhex(q['message'])).hexdigest() != q['signature'])"
)


def test_a_changed_content_or_another_key_does_not_hold() -> None:
    keys, others = ReportKeys.of(b"k" * 32), ReportKeys.of(b"o" * 32)
    signature = keys.sign(CONTENT)
    assert keys.right(keys.key_id, CONTENT, signature) is True
    assert keys.right(keys.key_id, CONTENT + b" ", signature) is False
    assert others.right(keys.key_id, CONTENT, signature) is None  # a key that is not known
    assert keys.right(keys.key_id, CONTENT, None) is None


def test_the_keys_of_before_are_known() -> None:
    old = ReportKeys.of(b"k" * 32)
    pem = Ed25519Signer.of(b"k" * 32).public_pem
    new = ReportKeys.of(b"o" * 32, PublicKeys.read(pem).keys)
    assert new.right(old.key_id, CONTENT, old.sign(CONTENT)) is True
    assert [one["kid"] for one in new.jwks()["keys"]] == [new.key_id, old.key_id]


def test_sm3_is_that_of_the_standard() -> None:
    """The example of GB/T 32905."""
    assert sm3_digest(b"abc") == (
        "sm3:66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    )


@pytest.mark.parametrize(
    ("checker", "content", "right"),
    [
        ((sys.executable, "-c", CHECKS), CONTENT, True),
        ((sys.executable, "-c", CHECKS), CONTENT + b" ", False),
        (("/nowhere/a-checker",), CONTENT, None),
        ((), CONTENT, None),
    ],
)
async def test_a_provider_signs_and_checks(
    checker: tuple[str, ...], content: bytes, right: bool | None
) -> None:
    signer = CommandSigner("sm2", "hsm-1", (sys.executable, "-c", SIGNS))
    signature = await signer.sign(CONTENT)
    assert Provider(signer, checker).right("hsm-1", content, signature) is right


async def test_a_provider_signs_what_was_issued(tmp_path: Path) -> None:
    signs, checks = tmp_path / "signs.py", tmp_path / "checks.py"
    signs.write_text(SIGNS)
    checks.write_text(CHECKS)
    settings: dict[str, Any] = {
        "report_signing_key": f"command:sm2:hsm-1:{sys.executable} {signs}",
        "report_checking": f"{sys.executable} {checks}",
    }
    async with running(tmp_path / "s", all_ten(), **settings) as service:
        head = (await service.post()).json()["report"]
        report = await _issued(service, head["number"])
        provider = service.parts.report_desk.keys.provider
        assert provider is not None
        parts = service.parts
        signing = ProviderSigning(parts.shelf.database, parts.report_desk, provider, service.clock)
        assert (await signing.run(), await signing.run()) == (1, 0)
        signed = await parts.shelf.database.read(
            lambda tx: parts.report_desk.papers.signatures(tx, report)
        )
        assert [(one.algorithm, one.key_id) for one in signed] == [("sm2", "hsm-1")]
        told = await service.http.get(
            f"/v1/reports/{head['number']}", params={"code": head["verification_code"]}
        )
        assert [(one["algorithm"], one["valid"]) for one in told.json()["signatures"]] == [
            ("ed25519", True),
            ("sm2", True),
        ]


async def _issued(service: Running, number: str) -> IssuedReport:
    found = await service.parts.shelf.database.read(
        lambda tx: service.parts.reports.of_version(tx, number, 1)
    )
    assert found is not None
    return found
