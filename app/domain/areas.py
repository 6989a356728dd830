"""Names of areas 区划名称 by their codes (GB/T 2260 and below), as pages show them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.domain import rule_files

_Code = Annotated[str, Field(pattern="^[0-9]{2,12}$")]
_Name = Annotated[str, Field(min_length=1, max_length=60)]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True)  # of codes

    areas: Mapping[_Code, _Name]


def load_areas(path: Path | None) -> Mapping[str, str]:
    """Of a YAML file `areas: {220102: 南关区}`; none without one. Raises `ConfigurationError`."""
    return {} if path is None else rule_files.read(_File, path).areas
