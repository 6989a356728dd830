"""Columns as flat arrays: kept in a folder, read again without copying."""

from collections.abc import Iterator, Mapping
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


def save(parts: list[Columns], folder: Path) -> None:
    """The parts one after the other as one file: a .npy an array, one array at a time.

    Empties the list, so that what is written need not be held twice.
    """
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


def load(folder: Path) -> Columns:
    """The columns of a folder, mapped from the files as they are needed."""
    arrays = {
        # As a plain array: a memmap's own indexing costs far more than the array's.
        path.stem: np.asarray(np.load(path, mmap_mode="r", allow_pickle=False)).view(np.ndarray)
        for path in sorted(folder.glob("*.npy"))
    }
    columns: Columns = _built(Columns, arrays)
    return columns
