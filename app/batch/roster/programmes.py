"""Programmes as rosters name them: by key, and by Chinese name where it is only one's."""

from collections.abc import Mapping

from app.programmes.standard import Standards


def programme_names(standards: Standards) -> Mapping[str, str]:
    """Keys by lower-case names."""
    names: dict[str, str] = {}
    shared = set()
    for key in standards.programmes:
        name = standards.file(key).name.get("zh", "").lower()
        if name in names:
            shared.add(name)
        names[name] = key
    known = {name: key for name, key in names.items() if name and name not in shared}
    return known | {key: key for key in standards.programmes}
