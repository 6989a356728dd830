"""One household, asked for, answered, read."""

from pathlib import Path

from tests.service_parts import ScriptedSource, all_ten, an_account, found, running


async def test_a_household_is_verified_while_the_caller_waits(tmp_path: Path) -> None:
    bank = ScriptedSource("bank", {"m1": found(an_account("m1", "15320.55"))})
    async with running(tmp_path, all_ten(bank)) as service:
        reply = await service.post()
        assert reply.status_code == 201
