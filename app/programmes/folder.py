"""The files that the service judges by: the shipped ones and those of a county's folder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from app.domain.errors import InvalidStandard
from app.programmes.consistency import disagreements, outline_of
from app.programmes.document import Document
from app.programmes.faults import Fault, in_order
from app.programmes.files import (
    LOCAL_FILE,
    LocalFile,
    ProgrammeFile,
    open_document,
    read_local,
    read_programme,
)
from app.programmes.needs import NEEDS_FILE

SHIPPED: Final = Path(__file__).parent / "standards"
_REMEMBERED: Final = 4
"""Folders as they were read, with whatever stood in them then."""


@dataclass(frozen=True, slots=True)
class Files:
    """All files as they were read; where there are faults, those files are not among the read."""

    paths: Mapping[str, Path]  # by the file's name
    documents: Mapping[str, Document]  # the same, those with faults too
    programmes: Mapping[str, ProgrammeFile]
    local: LocalFile | None
    faults: tuple[Fault, ...]


def paths_of(folder: Path | None) -> Mapping[str, Path]:
    """The shipped files, each replaced by the folder's file of the same name, by name.

    Its needs.yaml is another table (see needs.py). Raises InvalidStandard where there is no such
    folder.
    """
    paths = {path.name: path for path in sorted(SHIPPED.glob("*.yaml"))}
    if folder is not None:
        if not folder.is_dir():
            raise InvalidStandard(f"{folder}: no such folder of programme standards")
        here = [path for path in sorted(folder.glob("*.yaml")) if path.name != NEEDS_FILE]
        paths |= {path.name: path for path in here}
    return paths


def read_files(folder: Path | None, counting: Sequence[str]) -> Files:
    """Every file with all that is wrong in it and between them.

    `counting` names the parameters that every programme needs. Raises InvalidStandard where there
    is no such folder.
    """
    paths = paths_of(folder)
    return _read(tuple((name, path, _bytes(path)) for name, path in paths.items()), tuple(counting))


def _bytes(path: Path) -> bytes | None:
    """None where it cannot be read: why is told by whoever opens it."""
    try:
        return path.read_bytes()
    except OSError:
        return None


@lru_cache(maxsize=_REMEMBERED)
def _read(files: tuple[tuple[str, Path, bytes | None], ...], counting: tuple[str, ...]) -> Files:
    """Once for the same texts: reading them is half of what a service's start takes."""
    paths = {name: path for name, path, _ in files}
    documents = {name: open_document(path) for name, path in paths.items()}
    keyed = {Path(name).stem: one for name, one in documents.items() if name != LOCAL_FILE}
    local, found = read_local(documents[LOCAL_FILE])
    faults, programmes = list(found), {}
    for key, document in keyed.items():
        programme, found = read_programme(document, key=key)
        faults += found
        if programme is not None:
            programmes[key] = programme
    outlines = {key: outline_of(one) for key, one in keyed.items()}
    faults += disagreements(outlines, documents[LOCAL_FILE], counting)
    return Files(paths, documents, programmes, local, in_order(faults))
