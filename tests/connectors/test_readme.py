"""The example of an eleventh source in the connectors' README works as it stands there."""

import importlib.util
import json
import re
import sys
from pathlib import Path
from types import ModuleType

from aiohttp import web

from connectors.contract import Found, NoRecord, Unknown
from connectors.records import Vehicle, VehicleKind, VehicleState
from connectors.registry import SOURCES, build_sources
from tests.connectors.asked import LI_MING, CountingPermit, a_query
from tests.connectors.web_server import serving

README = Path(__file__).parents[2] / "connectors" / "README.md"
ROW = {
    "owner": "李明",
    "idNo": LI_MING,
    "plate": "吉01-12345",
    "type": "三轮汽车",
    "state": "1",
    "regDate": "20160302",
}


def block(kind: str) -> str:
    found = re.findall(rf"```{kind}\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert len(found) == 1
    return str(found[0])


def module_in(folder: Path) -> ModuleType:
    (folder / "mapping.yaml").write_text(block("yaml"), encoding="utf-8")
    path = folder / "client.py"
    path.write_text(block("python"), encoding="utf-8")
    spec = importlib.util.spec_from_file_location("farm_machinery_client", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


async def test_the_example_finds_finds_none_and_fails(tmp_path: Path) -> None:
    answers = [{"ok": True, "rows": [ROW]}, {"ok": True, "rows": []}, {"ok": False}]

    async def register(request: web.Request) -> web.Response:
        assert (request.path, request.headers["X-Key"]) == ("/nj/query", "k")
        assert json.loads(await request.read()) == {"name": "李明", "idNo": LI_MING}
        return web.json_response(answers.pop(0))

    builders = {**SOURCES, "farm_machinery": module_in(tmp_path).FarmMachinerySource.from_config}
    async with serving(register) as url:
        config = {"farm_machinery": {"url": url, "key": "k"}}
        limits = {"farm_machinery": {"tries": 1}}
        source = build_sources(config, limits, builders=builders)["farm_machinery"]
        outcomes = [
            (await source.ask(a_query(), CountingPermit())).replies[0].outcome for _ in range(3)
        ]
        await source.aclose()
    found, none, failed = outcomes
    assert isinstance(found, Found)
    machine = found.records[0]
    assert isinstance(machine, Vehicle)
    assert (machine.kind, machine.state) == (VehicleKind.THREE_WHEELER, VehicleState.NORMAL)
    assert none == NoRecord()
    assert isinstance(failed, Unknown)
