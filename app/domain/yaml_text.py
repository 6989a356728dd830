"""YAML read by libyaml where it may be: over ten times as fast as what is written in Python."""

import pickle
from functools import lru_cache
from typing import Any, Final

import yaml

_DEEPEST: Final = 50
"""libyaml's binding goes down by recursion and would run over the stack of a nested text."""
_Fast: Any = getattr(yaml, "CSafeLoader", None)  # a platform without a wheel has none


def loader_of(text: str) -> yaml.SafeLoader:
    """A loader of the one document in it; what is faulty is left to the slow one, which says how.

    Both read the same from what both can read.
    """
    return _Fast(text) if _Fast is not None and _plain(text) else yaml.SafeLoader(text)


def load(text: str) -> Any:
    """The text's data, the caller's own. Raises yaml.YAMLError.

    The same text is parsed once: each service of a process reads the same rules.
    """
    return pickle.loads(_parsed(text))  # noqa: S301 - what this process has pickled


@lru_cache(maxsize=32)
def _parsed(text: str) -> bytes:
    return pickle.dumps(loader_of(text).get_single_data(), pickle.HIGHEST_PROTOCOL)


def _plain(text: str) -> bool:
    """One document without faults, nowhere deep; told by its stream, without recursion."""
    depth = documents = 0
    anchors: set[str] = set()
    try:
        for event in yaml.parse(text, Loader=_Fast):
            if isinstance(event, yaml.AliasEvent):
                if event.anchor not in anchors:
                    return False
            elif isinstance(event, yaml.NodeEvent) and event.anchor is not None:
                anchors.add(event.anchor)
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            documents += isinstance(event, yaml.DocumentStartEvent)
            if depth > _DEEPEST or documents > 1:
                return False
    except (yaml.YAMLError, UnicodeError):
        return False
    return True
