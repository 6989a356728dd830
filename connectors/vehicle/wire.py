"""Writes the query string of an asking: percent-encoded GBK (pure)."""

from typing import Final
from urllib.parse import quote_from_bytes

ENCODING: Final = "gbk"
PATH: Final = "/ccgl/query"


def path_of(*, name: str, id_number: str, licence: str) -> str:
    """Path and query of one person's asking; a character outside GBK as its reference `&#…;`.

    The document puts name and number into the address: it may stand in no log and no error.
    """
    fields = {"xm": name, "sfzmhm": id_number, "sqm": licence}
    query = "&".join(f"{key}={_encoded(value)}" for key, value in fields.items())
    return f"{PATH}?{query}"


def _encoded(text: str) -> str:
    return quote_from_bytes(text.encode(ENCODING, errors="xmlcharrefreplace"), safe="")
