"""The only list of sources, their settings and limits."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from connectors.registry import LIMITS, SOURCES, build_sources, limits_of, resolve_value
from connectors.transport.limits import Limits

FOLDER = Path(__file__).parents[2] / "connectors"
PROMISES = {
    "three-outcomes",
    "total-deadline",
    "size-limit",
    "named-retries",
    "rate-limit",
    "consent-at-send",
    "intent-before-asking",
    "reply-bound-to-request",
    "repeats-harmless",
    "late-and-partial",
    "units-normalised",
    "encoding-declared",
    "codes-closed",
    "faults-tested",
    "diagnostics-redacted",
    "no-person-in-logs",
    "documented",
}


def resolve(text: str) -> str:
    return resolve_value(text, environment={"TOKEN": "secret"})


@pytest.mark.parametrize("name", SOURCES)
def test_every_source_promises_every_promise_or_says_why_not(name: str) -> None:
    text = (FOLDER / name / "checklist.yaml").read_text(encoding="utf-8")
    promises = yaml.safe_load(text)
    assert promises.keys() == PROMISES
    for answer in promises.values():
        assert answer == "done" or answer.startswith("exempt: ")


@pytest.mark.parametrize("name", SOURCES)
def test_every_source_has_its_folder(name: str) -> None:
    for file in ("__init__.py", "client.py", "parse.py", "mapping.yaml"):
        assert (FOLDER / name / file).is_file()


def test_limits_are_kept_for_sources_that_exist() -> None:
    assert LIMITS.keys() <= SOURCES.keys()


async def test_sources_are_built_in_order_with_resolved_values(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("k\n", encoding="utf-8")
    config = {
        "property": {"url": "http://10.1.4.5", "key": f"file:{key}"},
        "household_registry": {"url": "http://10.1.1.5:8080", "token": "env:TOKEN"},
    }
    sources = build_sources(config, {"property": {"rate": 5}}, resolve=resolve)
    assert [(name, source.name) for name, source in sources.items()] == [
        ("property", "property"),
        ("household_registry", "household_registry"),
    ]
    for source in sources.values():
        assert (source.persons_a_query, source.answers_later) == (1, False)
        await source.aclose()


def test_another_mapping_file_may_be_named(tmp_path: Path) -> None:
    own = tmp_path / "county.yaml"
    text = (FOLDER / "tax" / "mapping.yaml").read_text(encoding="utf-8")
    settings = {"url": "http://a", "username": "u", "password": "p", "mapping": str(own)}
    own.write_text(text.replace("from: sre", "from: income"), encoding="utf-8")
    build_sources({"tax": settings}, {})
    own.write_text(text.replace("gross:", "gros:"), encoding="utf-8")
    with pytest.raises(ValueError, match=r"county\.yaml"):
        build_sources({"tax": settings}, {})


@pytest.mark.parametrize(
    ("config", "limits", "message"),
    [
        ({"taxes": {}}, {}, "taxes is no source; there are bank, "),
        ({}, {"taxes": {}}, "taxes is no source"),
        ({"tax": {"url": "http://a", "username": "u"}}, {}, "tax: password is missing"),
        ({"tax": {"user": "u"}}, {}, "tax: user is no setting"),
        ({"tax": None}, {}, "tax: its settings"),
        ({"property": {"url": "http://a", "key": "env:NO_KEY"}}, {}, "property: key: .*NO_KEY"),
        ({"property": {"url": "a", "key": "file:/no/file"}}, {}, "property: key: .*/no/file"),
        ({"property": {"url": "a", "key": "env:TOKEN"}}, {}, "property: url"),
        ({"property": {"url": 1, "key": "k"}}, {}, "property: url is missing"),
        ({"property": {}}, {"property": {"speed": 1}}, "property: speed is no limit"),
        ({"property": {}}, {"property": {"rate": "fast"}}, "property: limit rate"),
        ({"property": {}}, {"property": {"tries": True}}, "property: limit tries"),
        ({"property": {}}, {"property": {"concurrency": 1.5}}, "property: limit concurrency"),
        ({"property": {}}, {"property": {"timeout": 0}}, "property: limit timeout"),
    ],
)
def test_a_mistake_is_named_without_the_secret(
    config: Mapping[str, Any], limits: Mapping[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        build_sources(config, limits, resolve=resolve)
    assert "secret" not in str(caught.value)


def test_limits_come_from_the_document_until_the_configuration_says_otherwise() -> None:
    assert limits_of("tax", {}) == Limits()
    assert limits_of("business_registration", {}).rate == 18.0
    given = limits_of("business_registration", {"rate": None, "timeout": 3})
    assert (given.rate, given.timeout, given.tries) == (None, 3, 3)


@pytest.mark.parametrize("text", ["plain", "http://a:80", "envy:X", "", "sftp://u@h:22"])
def test_other_texts_stand_for_themselves(text: str) -> None:
    assert resolve(text) == text
