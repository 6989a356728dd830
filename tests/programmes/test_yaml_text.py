"""Both ways of reading YAML give the same, and no text brings the process down."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import app
from app.domain.yaml_text import load, loader_of

SHIPPED = sorted(Path(app.__file__).parent.rglob("*.yaml"))


def parts(node: yaml.Node) -> Iterator[tuple[Any, ...]]:
    yield type(node), node.tag, node.start_mark.line, node.start_mark.column
    if isinstance(node, yaml.MappingNode):
        for pair in node.value:
            for one in pair:
                yield from parts(one)
    elif isinstance(node, yaml.SequenceNode):
        for one in node.value:
            yield from parts(one)
    else:
        yield (node.value,)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_part_has_its_place(path: Path) -> None:
    text = path.read_text("utf-8")
    assert isinstance(loader_of(text), yaml.CSafeLoader)
    quick, slow = loader_of(text).get_single_node(), yaml.SafeLoader(text).get_single_node()
    assert quick is not None
    assert slow is not None
    assert list(parts(quick)) == list(parts(slow))
    assert load(text) == yaml.safe_load(text)


WRONG = {
    "lists in lists": "[" * 100_000,
    "items in items": "- " * 100_000,
    "mappings in mappings": "{a: " * 100_000,
    "two colons": "a: b: c",
    "no end": "a: 'x",
    "an anchor that is not there": "a: *b",
    "a sign that is none": "a: \x07",
    "two documents": "a\n---\nb",
}


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG)
def test_what_is_deep_or_faulty_is_left_to_the_slow_one(text: str) -> None:
    """Planted: no look at the depth: the process was gone with a segmentation fault."""
    try:
        assert not isinstance(loader_of(text), yaml.CSafeLoader)
    except yaml.YAMLError as error:  # the slow one refuses some signs when it is made
        assert "special characters" in str(error)  # noqa: PT017 - only where it is raised
