"""The made-up credentials with which the sandbox's sources are asked."""

import base64
import binascii
import hmac
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """One secret a source; all are made up and open to everybody who reads this."""

    household_registry_token: str = "hukou-sandbox"  # noqa: S105 - made up
    tax_username: str = "hedui"
    tax_password: str = "tax-sandbox"  # noqa: S105 - made up
    social_insurance_key: str = "sb-sandbox"
    property_key: str = "bdc-sandbox"
    business_client_id: str = "hedui"
    business_client_secret: str = "aic-sandbox"  # noqa: S105 - made up
    vehicle_licence: str = "ccgl-sandbox"
    sftp_username: str = "hedui"
    sftp_password: str = "sftp-sandbox"  # noqa: S105 - made up
    insurance_app_id: str = "hedui"
    insurance_key: str = "ins-sandbox"


def same(given: str | None, expected: str) -> bool:
    """Whether a secret is right, in constant time."""
    return given is not None and hmac.compare_digest(given.encode(), expected.encode())


def basic_is(header: str | None, username: str, password: str) -> bool:
    """Whether an Authorization header carries this user and password (HTTP Basic)."""
    scheme, _, encoded = (header or "").partition(" ")
    if scheme.lower() != "basic":
        return False
    try:
        decoded = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return False
    return same(decoded, f"{username}:{password}")
