"""The second factor 第二因素: time-based codes (TOTP, RFC 6238), each taken once."""

import hmac
from datetime import datetime
from typing import Final

import pyotp

_STEP: Final = 30
_NOBODY: Final = pyotp.random_base32()
"""Against what a code is held where there is no account."""


def new_secret() -> str:
    """160 bits in base32, as authenticator apps take it."""
    return pyotp.random_base32()


def address_of(secret: str, login: str) -> str:
    """The otpauth: address that an app scans."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name="hedui 核对")


def step_of(secret: str | None, code: str, now: datetime) -> int | None:
    """The time step that the code is of: this one or a neighbour. None where it is of none.

    All three are compared, whichever fits, and without a secret as well.
    """
    totp = pyotp.TOTP(secret or _NOBODY)
    current = int(now.timestamp()) // _STEP
    found = None
    for step in (current - 1, current, current + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), code.encode()):
            found = step
    return None if secret is None else found
