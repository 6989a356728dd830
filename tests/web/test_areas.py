"""Areas have names where the office gives them."""

from pathlib import Path

import pytest

from app.domain.areas import load_areas
from app.domain.errors import ConfigurationError
from tests.looks.parts import somebody
from tests.service_parts import ScriptedSource, running


def test_names_are_by_code(tmp_path: Path) -> None:
    path = tmp_path / "areas.yaml"
    path.write_text('areas: {220102: 南关区, "220102001": 一街}', "utf-8")
    assert load_areas(path) == {"220102": "南关区", "220102001": "一街"}
    assert load_areas(None) == {}


@pytest.mark.parametrize("text", ["areas: {x: y}", "areas: {220102: ''}", "area: {}", "- 1"])
def test_a_fault_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "areas.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigurationError, match=r"areas\.yaml"):
        load_areas(path)


@pytest.mark.asyncio
async def test_pages_name_them(tmp_path: Path) -> None:
    path = tmp_path / "areas.yaml"
    path.write_text("areas: {220102: 示范区}", "utf-8")
    async with running(tmp_path, [ScriptedSource("tax")], areas=path) as service:
        checker = await somebody(service, "county_checker")
        assert "区划 示范区" in (await service.http.get("/ui/", headers=checker.headers)).text
