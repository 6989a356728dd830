"""What a county asks a township to look into reaches the clerk who has the case, nobody else."""

from pathlib import Path
from typing import Any

from tests.looks.parts import Person, assigned, somebody
from tests.review.settled import began, differing, settled, the_item
from tests.review_parts import Reviewer, reviewers
from tests.service_parts import NAMES, NUMBERS, Running, running

WORDS = f"请入户核实{NAMES['m1']}（{NUMBERS['m1']}）的工资"


async def _asked(who: Person) -> list[dict[str, Any]]:
    reply = await who.get("/v1/verifications?township=true")
    assert reply.status_code == 200, reply.text
    found: list[dict[str, Any]] = reply.json()["verifications"]
    return found


async def _clerks(service: Running, id_: str) -> tuple[Person, Person]:
    """The first has the case."""
    clerk, other = [await somebody(service, "township_clerk") for _ in range(2)]
    case = (await service.shown(id_))["case_reference"]
    await assigned(service, case, clerk)
    return clerk, other


async def test_a_question_reaches_the_clerk_of_the_case(tmp_path: Path, database_url: str) -> None:
    """It stood in the county's own queue alone. Planted: `_LAST` left out: it stayed for good."""
    async with running(tmp_path, differing(), database_url=database_url) as service:
        id_ = await began(service)
        clerk, other = await _clerks(service, id_)
        one: Reviewer = (await reviewers(service))[0]
        item = await the_item(one, "conflict")
        assert await _asked(clerk) == []
        given = await settled(one, item["id"], "ask_township", reason=WORDS)
        [case] = await _asked(clerk)
        assert (case["id"], case["household"]["name"]) == (id_, "李*")
        [question] = case["township"]
        assert (question["kind"], question["person"]) == ("conflict", "李*")
        assert NAMES["m1"] not in question["words"]
        assert NUMBERS["m1"] not in question["words"]
        assert "请入户核实" in question["words"]
        assert await _asked(other) == []
        page = await service.http.get("/ui/", headers=clerk.headers)
        assert "请入户核实" in page.text
        assert NAMES["m1"] not in page.text
        version = given["decision"]["version"]
        taken = await one.post(
            f"/{item['id']}/decisions/{version}/reverse", {"reason": "a slip of the hand"}
        )
        assert taken.status_code == 201, taken.text
        assert await _asked(clerk) == []
