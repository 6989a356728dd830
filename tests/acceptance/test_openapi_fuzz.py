"""No request makes the service fail: the whole interface, as everybody, on both databases.

`HEDUI_CASES=full pytest tests/acceptance/test_openapi_fuzz.py -o timeout=0` tries 500 examples an
operation and every phase of schemathesis; the build a few.
"""

import asyncio
import json
import os
import re
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from app.access.roles import ROLES
from app.access.tokens import SCOPES
from tests.isolation.counties import sources, two_counties
from tests.service_parts import Running, running
from tests.serving import served
from tests.staff_parts import session_of, with_roles

FULL: Final = os.environ.get("HEDUI_CASES") == "full"
SEED: Final = 20_261_128
CHECKS: Final = (
    "not_a_server_error",
    "status_code_conformance",
    "status_is_named",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
)
"""Not among them: `ignored_auth` (who asks changes with each call; tests/access/test_role_matrix.py
asks without anything), `negative_data_rejection` (unknown query parameters are passed over),
`positive_data_acceptance` (a schema does not tell of a check character), `unsupported_method`
(`next` is an id to the route beside it), and those that follow a thing's life, for it is shared."""
FEW: Final = {"sqlite": 5, "postgresql": 2}
"""Examples an operation in the build; the planted faults are seen on SQLite."""
HOOKS: Final = "tests.acceptance.fuzz_hooks"


async def everybody(service: Running) -> dict[str, dict[str, str]]:
    """By name what each sends along: every role, every scope alone, all of them, nobody."""
    actors: dict[str, dict[str, str]] = {"nobody": {}}
    for role in ROLES:
        headers = await session_of(service, await with_roles(service, role))
        actors[role] = {**headers, "Hedui-Purpose": "spot_check"}
    for scope in SCOPES:
        actors[f"client: {scope}"] = await service.client("220102", (scope,))
    actors["client: all"] = await service.client("220102", SCOPES)
    return actors


def there(ids: dict[str, str]) -> dict[str, list[str]]:
    """Path parameters and what they may name; the county's things, under the names of routes."""
    found: dict[str, list[str]] = {"topic": ["outcomes", "sources"], "version": ["1", "2"]}
    for name, id_ in ids.items():
        word = name.replace(" ", "_")
        found.setdefault(f"{word}_id", []).append(id_)
        found.setdefault(word, []).append(id_)
    return found


async def tried(
    url: str, folder: Path, given: dict[str, Any], examples: int
) -> tuple[str, dict[str, int]]:
    """What schemathesis says at the end, and how many calls were whose.

    `examples`: of each operation, where not all are tried.
    """
    (folder / "given.json").write_text(json.dumps(given), "utf-8")
    few = ("--max-examples", str(examples), "--phases", "fuzzing")
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        *("run", f"{url}/openapi.json", "--checks", ",".join(CHECKS), "--seed", str(SEED)),
        *("--workers", "1", "--continue-on-failure", "--no-color", "--suppress-health-check=all"),
        *("--generation-database", "none", "--mode", "all"),
        *(("--max-examples", "500") if FULL else few),
    ]
    environment = {
        **os.environ,
        "HEDUI_FUZZ": str(folder / "given.json"),
        "SCHEMATHESIS_HOOKS": HOOKS,
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    process = await asyncio.create_subprocess_exec(
        *command,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=environment,
        cwd=folder,
    )
    said, _ = await process.communicate()
    asked = json.loads(Path(given["asked"]).read_text("utf-8"))
    return said.decode(), asked


@pytest.mark.acceptance
@pytest.mark.promise(25)
@pytest.mark.timeout(0 if FULL else 300)
async def test_no_request_makes_the_service_fail(
    database_url: str, tmp_path: Path, record_property: Any
) -> None:
    """Whatever is sent, by whomever: no 5xx, no status, type or form that is not documented.

    Planted: an error raised in the statistics, and a status 418 of the notices' keys, were found;
    a 418 of the counts of alerts was not: the build's few calls did not get as far.
    """
    asking, examples = sources(), FEW[database_url.partition(":")[0]]
    async with running(
        tmp_path / "data", list(asking.values()), database_url=database_url
    ) as service:
        county, _ = await two_counties(service, asking)
        actors = await everybody(service)
        given = {
            "actors": actors,
            "there": there(county.ids),
            "asked": str(tmp_path / "asked.json"),
        }
        async with served(service.app) as url:
            said, asked = await tried(url, tmp_path, given, examples)
    cases = re.search(r"(\d+) generated", said)
    assert cases is not None, said[-4000:]
    record_property("cases", int(cases[1]))
    (tmp_path / "said.txt").write_text(said)
    assert "Failures:" not in said, said[-8000:]
    assert "Errors:" not in said, said[-8000:]
    assert set(asked) == set(actors)
