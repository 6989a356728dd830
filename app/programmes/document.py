"""A programme file's text as data, each part with its line and column."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import yaml

from app.domain.yaml_text import loader_of
from app.programmes.faults import TOP, Fault, Place, Steps

KEY: Final = "[key]"
"""Last step of a path that means the key itself, not its value."""
_MOST_PARTS: Final = 200_000  # anchors let a short text stand for very much
_DEEPEST: Final = 12  # the deepest value that a file may have is six levels down


@dataclass(frozen=True, slots=True)
class _Places:
    key: Place
    part: Place  # a scalar's own place; of a mapping or list, where its key stands


@dataclass(frozen=True, slots=True)
class Document:
    """A file's content as Python data; a key that is a day is its text, YYYY-MM-DD."""

    file: str
    content: Any
    faults: tuple[Fault, ...] = ()
    places: Mapping[Steps, _Places] = field(default_factory=dict, repr=False)

    def fault(self, path: Sequence[object], words: str) -> Fault:
        """A fault of the part at the path, or of the nearest part around it that is there."""
        steps = tuple(str(step) for step in path)
        of_key = steps[-1:] == (KEY,)
        named = steps[:-1] if of_key else steps
        return Fault(self.file, self._place(named, of_key=of_key), ".".join(named) or "file", words)

    def _place(self, steps: Steps, *, of_key: bool) -> Place | None:
        if not self.places:
            return None
        found = steps
        while found not in self.places:
            found = found[:-1]
        places = self.places[found]
        return places.key if of_key or found != steps else places.part


def read_text(text: str, file: str) -> Document:
    """A YAML text (JSON is YAML too); what cannot be read stands among the faults."""
    try:
        loader = loader_of(text)
        node = loader.get_single_node()
    except yaml.YAMLError as error:
        return Document(file, None, (_unreadable(error, file),))
    except RecursionError:
        return Document(file, None, (Fault(file, TOP, "file", "is nested too deeply"),))
    if node is None:
        return Document(file, None, (Fault(file, TOP, "file", "is empty"),))
    reading = _Reading(file, loader)
    content = reading.value(node, (), _place(node))
    usable = None if reading.overflown else content
    return Document(file, usable, tuple(reading.faults), reading.places)


def read_mapping(content: Mapping[str, Any], file: str) -> Document:
    """Data of the same shape that is no text: its faults have keys and no lines."""
    return Document(file, dict(content))


def _unreadable(error: yaml.YAMLError, file: str) -> Fault:
    place, words = TOP, str(error)
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        place = TOP if mark is None else Place(mark.line + 1, mark.column + 1)
        words = ", ".join(part for part in (error.context, error.problem) if part)
    return Fault(file, place, "file", f"not readable as YAML: {' '.join(words.split())}")


def _place(node: yaml.Node) -> Place:
    return Place(node.start_mark.line + 1, node.start_mark.column + 1)


class _Reading:
    """Turns the nodes of one file into data, and notes places and faults on the way."""

    def __init__(self, file: str, loader: yaml.SafeLoader) -> None:
        self.faults: list[Fault] = []
        self.places: dict[Steps, _Places] = {}
        self._file = file
        self._loader = loader

    @property
    def overflown(self) -> bool:
        """There is more than any file can need; the rest was left out."""
        return len(self.places) >= _MOST_PARTS

    def value(self, node: yaml.Node, path: Steps, key: Place) -> Any:
        """The node's data; None where it cannot be had, with a fault."""
        if len(path) > _DEEPEST or self.overflown:
            words = "is nested too deeply" if len(path) > _DEEPEST else "holds too much"
            self._fault(node, path[:_DEEPEST], f"{words}, an anchor may repeat it without end")
            return None
        if isinstance(node, yaml.MappingNode) and node.tag == "tag:yaml.org,2002:map":
            self.places[path] = _Places(key, key)
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode) and node.tag == "tag:yaml.org,2002:seq":
            self.places[path] = _Places(key, key)
            items = enumerate(node.value)
            return [self.value(item, (*path, str(at)), _place(item)) for at, item in items]
        self.places[path] = _Places(key, _place(node))
        return self._scalar(node, path)

    def _mapping(self, node: yaml.MappingNode, path: Steps) -> dict[Any, Any]:
        built: dict[Any, Any] = {}
        lines: dict[str, int] = {}
        for key_node, value_node in node.value:
            key = self._key(key_node, path)
            step = str(key)
            if step in lines:
                words = f"is written twice, first in line {lines[step]}: one of them is to go"
                self._fault(key_node, (*path, step), words)
                continue
            lines[step] = key_node.start_mark.line + 1
            built[key] = self.value(value_node, (*path, step), _place(key_node))
        return built

    def _key(self, node: yaml.Node, path: Steps) -> Any:
        if node.tag == "tag:yaml.org,2002:merge":
            self._fault(node, path, "<< is not read here: name a whole part with an anchor")
            return "<<"
        step = node.value if isinstance(node, yaml.ScalarNode) else "?"
        key = self._scalar(node, (*path, step))
        return key.isoformat() if type(key) is date else key

    def _scalar(self, node: yaml.Node, path: Steps) -> Any:
        if not isinstance(node, yaml.ScalarNode):
            self._fault(node, path, f"{node.tag.rsplit(':', 1)[-1]} is not read here")
            return None
        try:
            return self._loader.construct_object(node)
        except yaml.constructor.ConstructorError as error:
            self._fault(node, path, f"{error.problem}")
        except (ValueError, KeyError) as error:  # what the library lets through: 2014-13-01
            self._fault(node, path, f"{node.value[:40]} cannot be read: {error}")
        return None

    def _fault(self, node: yaml.Node, path: Steps, words: str) -> None:
        self.faults.append(Fault(self._file, _place(node), ".".join(path) or "file", words))
