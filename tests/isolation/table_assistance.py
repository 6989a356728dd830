"""What questions between centres 异地协查 take: signed by a client's own key, so in no line.

tests/assistance/test_answering.py shows that another client's question is as one that never was,
and that a person of another region than the client's is refused.
"""

from typing import Final

ROUTES: Final = ("POST /v1/assistance", "GET /v1/assistance/{assistance_id}")
NAMES: Final = (
    "GET /v1/assistance/{assistance_id} assistance_id",
    *(
        f"POST /v1/assistance {name}"
        for name in ("asked_from", "case", "guardian", "id_number", "name", "request_id", "to")
    ),
    "POST /v1/assistance registered_region",
)
