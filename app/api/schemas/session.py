"""The shapes of signing in and of sessions."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.access.passwords import LONGEST

_IN = ConfigDict(extra="forbid", hide_input_in_errors=True)
Login = Annotated[str, Field(min_length=1, max_length=64)]
Password = Annotated[str, Field(min_length=1, max_length=LONGEST)]


class SignInIn(BaseModel):
    """Login, password and the code that the authenticator app shows."""

    model_config = _IN

    login: Login
    password: Password
    code: Annotated[str, Field(min_length=1, max_length=16)]


class EnrolmentIn(BaseModel):
    """An account taken into use: the token that an administrator handed over, a new password."""

    model_config = _IN

    login: Login
    token: Annotated[str, Field(min_length=1, max_length=100)]
    password: Password


class EnrolmentOut(BaseModel):
    """The second factor, for an authenticator app. It is shown this once."""

    staff_id: Annotated[str, Field(pattern="^st_")]
    totp_secret: str
    totp_uri: str


class PasswordIn(BaseModel):
    """The password as it is, and as it is to be."""

    model_config = _IN

    password: Password
    new_password: Password


class SessionOut(BaseModel):
    """Who is signed in and may do what; each changing request repeats `csrf_token`."""

    staff_id: Annotated[str, Field(pattern="^st_")]
    region: str
    roles: list[str]
    scopes: list[str]
    shown: Literal["whole", "masked", "nothing"]
    csrf_token: str
