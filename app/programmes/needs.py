"""Purpose and scope 用途与范围: which sources a programme may ask, what is shown for it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.domain import yaml_text
from app.domain.consent import Refusal
from app.domain.errors import InvalidStandard
from app.domain.evidence import Unasked

NEEDS_FILE: Final = "needs.yaml"
SHIPPED: Final = Path(__file__).parent / NEEDS_FILE
NOT_NEEDED: Final = Refusal(
    Unasked.NOT_NEEDED, "not_needed: no programme of the request rests on this source"
)
_Fields = Mapping[str, Mapping[str, frozenset[str]]]
"""By source and group of fields: the source's own fields."""


class _Programme(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    because: Annotated[str, Field(min_length=1)]
    sources: Mapping[str, tuple[str, ...] | bool]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    fields: Mapping[str, Mapping[str, frozenset[str]]] = {}
    cells: object = None
    """Where the file keeps what its programmes have in common."""
    programmes: Mapping[str, _Programme] = {}


@dataclass(frozen=True, slots=True)
class Needs:
    """The table programme × source × fields; what has no cell is refused.

    `cells`: by programme and source, the groups that are shown; a source that may not be asked is
    not there.
    """

    fields: _Fields
    cells: Mapping[str, Mapping[str, tuple[str, ...]]]

    @classmethod
    def load(cls, folder: Path | None = None) -> "Needs":
        """The shipped table, with the programmes and sources of the county's beside it.

        Raises InvalidStandard where a file is not of this shape.
        """
        found = _read(SHIPPED)
        own = None if folder is None else folder / NEEDS_FILE
        if own is not None and own.is_file():
            added = _read(own)
            found = _File(
                fields={**found.fields, **added.fields},
                programmes={**found.programmes, **added.programmes},
            )
        return cls(found.fields, _cells(found, own or SHIPPED))

    def refusal(self, programmes: Iterable[str], source: str) -> Refusal | None:
        """Why a request for these programmes may not ask the source; None where it may."""
        if any(source in self.cells.get(programme, {}) for programme in programmes):
            return None
        return NOT_NEEDED

    def asked_for(self, programme: str) -> frozenset[str]:
        """The sources that a request for the programme may ask."""
        return frozenset(self.cells.get(programme, {}))

    def shown(self, programmes: Iterable[str], source: str) -> frozenset[str]:
        """The source's own fields that somebody may see whose right ends at these programmes."""
        groups = self.fields.get(source, {})
        return frozenset(
            field
            for programme in programmes
            for group in self.cells.get(programme, {}).get(source, ())
            for field in groups[group]
        )


def _read(path: Path) -> _File:
    try:
        return _File.model_validate(yaml_text.load(path.read_text("utf-8")))
    except yaml.YAMLError:
        raise InvalidStandard(f"{path}: this is not YAML") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = "/".join(str(part) for part in first["loc"])
        raise InvalidStandard(f"{path}: {where}: {first['msg']}") from None


def _cells(file: _File, path: Path) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    found = {}
    for programme, said in file.programmes.items():
        asked = {}
        for source, groups in said.sources.items():
            if groups is True:
                raise InvalidStandard(f"{path}: {programme}: {source}: groups of fields, or no")
            if groups is False:
                continue
            unknown = set(groups) - set(file.fields.get(source, {}))
            if unknown:
                raise InvalidStandard(
                    f"{path}: {programme}: {source}: no group of fields is called "
                    f"{sorted(unknown)[0]}: name it among the fields"
                )
            asked[source] = groups
        found[programme] = asked
    return found
