"""What a session of a member of staff may be used for, and when it is over."""

import pytest

from tests.service_parts import Running
from tests.staff_parts import signed_in

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_checker_reads_as_a_client_does(shared: Running) -> None:
    id_ = (await shared.post()).json()["id"]
    headers = await signed_in(shared, "county_checker")
    reply = await shared.http.get(f"/v1/verifications/{id_}", headers=headers)
    assert reply.status_code == 200, reply.text
