"""The configuration of a source, checked: a key that is missing or unknown is named (pure)."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from connectors.mapping import FieldMap


def texts_of(name: str, config: Mapping[str, Any], keys: Collection[str]) -> dict[str, str]:
    """The settings of a source that takes just these, all texts that are not empty.

    `mapping` may be there as well. Raises `ValueError` naming the key, never its value.
    """
    unknown = config.keys() - set(keys) - {"mapping"}
    if unknown:
        raise ValueError(f"{name}: {min(unknown)} is no setting of this source")
    texts: dict[str, str] = {}
    for key in keys:
        value = config.get(key)
        if not isinstance(value, str) or not value.strip():
            raise ValueError(f"{name}: {key} is missing")
        texts[key] = value
    return texts


def mapping_of(config: Mapping[str, Any], own: Path) -> FieldMap:
    """The field mapping that the configuration names, else the source folder's own."""
    return FieldMap.load(Path(config.get("mapping", own)))
