"""Columns as flat arrays: joined, kept in a folder, read again without copying."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from matching.bulk.columns import Columns, Places
from matching.bulk.encode_names import Names
from matching.bulk.encode_numbers import Numbers
from matching.bulk.texts import Texts

Arrays = Mapping[str, NDArray[Any]]
NESTED: Final[Mapping[str, type]] = {"names": Names, "numbers": Numbers, "places": Places}


def flat(value: Any, prefix: str = "") -> Iterator[tuple[str, NDArray[Any]]]:
    """Every array of the columns under its dotted name."""
    if isinstance(value, np.ndarray):
        yield prefix, value
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield from flat(part, f"{prefix}.{key}")
    elif is_dataclass(value):
        for one in fields(value):
            yield from flat(
                getattr(value, one.name), f"{prefix}.{one.name}" if prefix else one.name
            )


def _built(kind: type, arrays: Arrays, prefix: str = "") -> Any:
    values: dict[str, Any] = {}
    for one in fields(kind):
        path = f"{prefix}{one.name}"
        if one.name == "texts":
            values["texts"] = _texts(arrays)
        elif one.name in NESTED:
            values[one.name] = _built(NESTED[one.name], arrays, f"{path}.")
        else:
            values[one.name] = arrays[path]
    return kind(**values)


def _texts(arrays: Arrays) -> dict[str, Texts]:
    found = [name.split(".")[1] for name in arrays if name.startswith("texts.")]
    return {
        field: Texts(arrays[f"texts.{field}.blob"], arrays[f"texts.{field}.ends"])
        for field in dict.fromkeys(found)
    }


def joined(parts: Sequence[Columns]) -> Columns:
    """The parts one after the other, as one file; at least one part."""
    flats = [dict(flat(part)) for part in parts]
    together = {
        name: np.concatenate([part[name] for part in flats])
        for name in flats[0]
        if not name.startswith("texts.")
    }
    for field in parts[0].texts:
        texts = Texts.joined([part.texts[field] for part in parts])
        together |= {f"texts.{field}.blob": texts.blob, f"texts.{field}.ends": texts.ends}
    columns: Columns = _built(Columns, together)
    return columns


def save(columns: Columns, folder: Path) -> None:
    """One .npy file an array."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in flat(columns):
        np.save(folder / f"{name}.npy", array, allow_pickle=False)


def save_joined(parts: list[Columns], folder: Path) -> None:
    """What `save(joined(parts), folder)` writes, one array at a time; empties the list."""
    folder.mkdir(parents=True, exist_ok=True)
    flats = [dict(flat(part)) for part in parts]
    parts.clear()
    for field in [name.removesuffix(".ends") for name in flats[0] if name.endswith(".ends")]:
        texts = Texts.joined(
            [Texts(one.pop(f"{field}.blob"), one.pop(f"{field}.ends")) for one in flats]
        )
        np.save(folder / f"{field}.blob.npy", texts.blob)
        np.save(folder / f"{field}.ends.npy", texts.ends)
    for name in list(flats[0]):
        np.save(folder / f"{name}.npy", np.concatenate([one.pop(name) for one in flats]))


def replaced(folder: Path, name: str, array: NDArray[Any]) -> None:
    """Writes one array of stored columns anew."""
    draft = folder / f"{name}.draft"
    with draft.open("wb") as file:
        np.save(file, array)
    draft.replace(folder / f"{name}.npy")


def load(folder: Path) -> Columns:
    """The columns of a folder, mapped from the files as they are needed."""
    arrays = {
        # As a plain array: a memmap's own indexing costs far more than the array's.
        path.stem: np.asarray(np.load(path, mmap_mode="r", allow_pickle=False)).view(np.ndarray)
        for path in sorted(folder.glob("*.npy"))
    }
    columns: Columns = _built(Columns, arrays)
    return columns
