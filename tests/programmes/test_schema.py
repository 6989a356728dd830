"""The JSON Schema is that of the models: it takes what the loader takes, and refuses the rest."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator  # type: ignore[import-untyped] # ships no types

from app.programmes.folder import SHIPPED
from app.programmes.schema import SCHEMA_FILE, json_schema
from app.programmes.standard import COUNTING
from app.programmes.words import PARAMETERS, TOTALS
from tests.programmes.drafts import A_DRAFT, faults_of, shipped


class _Plain(yaml.SafeLoader):
    """Days stay text, as they are for an editor."""


_Plain.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rules if not tag.endswith("timestamp")]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def plain(text: str) -> Any:
    return yaml.load(text, Loader=_Plain)  # noqa: S506 - a safe loader


def refused(content: Any) -> list[str]:
    """The paths at which the schema refuses the content."""
    validator = Draft202012Validator(dict(json_schema()))
    return [".".join(map(str, error.absolute_path)) for error in validator.iter_errors(content)]


def test_the_committed_schema_is_the_generated_one() -> None:
    committed = json.loads(SCHEMA_FILE.read_text("utf-8"))
    assert committed == json_schema(), (
        "hedui programmes schema > app/programmes/standard.schema.json"
    )


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(dict(json_schema()))


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_file_is_valid_and_names_the_schema(path: Any) -> None:
    text = path.read_text("utf-8")
    assert refused(plain(text)) == []
    assert text.startswith("# yaml-language-server: $schema=../standard.schema.json\n")


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("area: urban", "area: suburb", "area"),
        ("area: urban\n", "", ""),
        ("clause:", "klause:", ""),
        ("test: homes", "test: home", "tests.1.test"),
        ("comparison: below", "comparison: over", "tests.0.comparison"),
        ("[factor, local_standard]", "[]", "tests.0.limit"),
        ("[factor, local_standard]", "Factor", "tests.0.limit"),
        ('"1.1"', "1.1", "parameters.factor.values.all.2014-07-01"),
        ('"1.1"', "null", "parameters.factor.values.all.2014-07-01"),
        ('"1.1"', '"-1"', "parameters.factor.values.all.2014-07-01"),
        ("2014-07-01: \"1.1\"", "soon: \"1.1\"", "parameters.factor.values.all"),
        ("{all: {2014", "{Jilin: {2014", "parameters.factor.values"),
        ("    values: {all: {2014", "    urban: {all: {2014", "parameters.factor"),
        ("    unit: share\n", "    units: share\n", "parameters.supporter_share"),
        ("  factor:\n    reference: test\n", "  factor:\n", "parameters.factor"),
        ("  once:", "  Once:", "benefits"),
        ("tests:", "until: tomorrow\ntests:", "until"),
        ("tests:", "valid_months: {reference: x, values: {all: {2014-07-01: one}}}\ntests:",
         "valid_months.values.all.2014-07-01"),
        ("zh: 测试, ", "", "name"),
    ],
)  # fmt: skip
def test_what_the_schema_refuses_the_loader_refuses(old: str, new: str, path: str) -> None:
    assert old in A_DRAFT
    text = A_DRAFT.replace(old, new, 1)
    assert path in refused(plain(text))
    assert faults_of(text)


@pytest.mark.parametrize(
    ("name", "value", "is_good"),
    [
        ("window_months", 12, True),
        ("window_months", "12", False),
        ("residents_pension_counted_from", None, True),
        ("residents_pension_counted_from", "2026-01-01", True),
        ("residents_pension_counted_from", "soon", False),
        ("imputed_sole_trader_monthly", None, True),
        ("local_standard", None, False),
        ("exempt_vehicle_kinds", ["tractor"], True),
        ("exempt_vehicle_kinds", "tractor", False),
        ("stale_after_days", {"tax": 60}, True),
        ("stale_after_days", {"taxes": 60}, False),
        ("stale_after_days", {"tax": "60"}, False),
    ],
)
def test_a_counting_rule_has_values_of_its_kind(name: str, value: object, is_good: bool) -> None:
    content = plain(A_DRAFT)
    content["parameters"][name] = {"reference": "x", "values": {"all": {"2014-07-01": value}}}
    assert (refused(content) == []) is is_good
    text = json.dumps(content, ensure_ascii=False)
    if is_good:
        shipped().with_draft(text)
    else:
        assert [fault.key for fault in faults_of(text)] == [
            f"parameters.{name}.values.all.2014-07-01"
        ]


def parts(schema: Any) -> Iterator[Any]:
    if isinstance(schema, dict):
        yield schema
        for one in schema.values():
            yield from parts(one)
    elif isinstance(schema, list):
        for one in schema:
            yield from parts(one)


def test_an_editor_is_told_every_key_and_the_closed_lists() -> None:
    schema: Any = json_schema()
    models = schema["$defs"]
    assert all(one["description"] for one in models.values())
    keys = [(name, key, one) for name in models for key, one in models[name]["properties"].items()]
    undescribed = [
        (name, key)
        for name, key, one in keys
        if "description" not in one
        and "$ref" not in one
        and (name, key) not in SPEAK_FOR_THEMSELVES
    ]
    assert undescribed == []
    assert models["TestIn"]["properties"]["test"]["enum"] == sorted(TOTALS)
    assert set(COUNTING) <= set(models["Parameters"]["properties"]) <= set(PARAMETERS)


SPEAK_FOR_THEMSELVES = {("NameIn", "zh"), ("NameIn", "en")}
