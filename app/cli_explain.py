"""`hedui matching explain`: two people side by side, for made-up data and for trying weights."""

import json
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from pydantic import TypeAdapter, ValidationError
from rich.console import Console
from rich.table import Table
from rich.text import Text

from matching.explain import (
    Explanation,
    FieldExplanation,
    Language,
    SpanKind,
    as_document,
    explain_comparison,
    field_name,
    masked,
    value_name,
)
from matching.identity import Identity
from matching.pair import prepare
from matching.people import PeopleFileError, read_people_csv
from matching.policy import judge
from matching.weights import load_weights

IDENTITY: Final = TypeAdapter(Identity)
KNOWN: Final = frozenset(one.name for one in fields(Identity))
DIFFERS: Final = "bold reverse"
HEADINGS: Final = {
    Language.ZH: ("字段", "本人", "记录", "权重", "说明"),
    Language.EN: ("field", "person", "record", "weight", "words"),
}
RATIOS: Final = (2, 4, 4, None, 7)  # no ratio: as wide as the weight
TOTALS: Final = {Language.ZH: "合计", Language.EN: "total"}


class IdentityFileError(ValueError):
    """A file does not hold the person asked for; says where, and shows no value."""


def explain(  # typer reads options from the parameters
    left: Annotated[Path, typer.Argument(help="The person: JSON, or a CSV with --rows.")],
    right: Annotated[Path, typer.Argument(help="Whom the record names; may be the same CSV.")],
    *,
    rows: Annotated[
        tuple[str, str] | None, typer.Option(help="The `id` of the row in each CSV file.")
    ] = None,
    language: Annotated[Language, typer.Option()] = Language.ZH,
    masked_: Annotated[
        bool, typer.Option("--masked", help="Star what is equal, as a reviewer sees it.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Explain a match: every field's difference, its weight, and how they add up."""
    ids = rows or (None, None)
    try:
        people = [_person(path, key) for path, key in zip((left, right), ids, strict=True)]
    except (IdentityFileError, PeopleFileError, OSError) as error:
        Console(stderr=True).print(f"[red]hedui:[/red] {_fault(error)}", soft_wrap=True)
        raise typer.Exit(2) from None
    person, claim = map(prepare, people)
    weights = load_weights()
    judgement = judge(person, claim, weights)
    found = explain_comparison(judgement.comparison, person, claim, weights)
    found = masked(found) if masked_ else found
    if as_json:
        verdict = {"link": str(judgement.link), "rule": judgement.rule}
        document = verdict | as_document(found, language)
        typer.echo(json.dumps(document, ensure_ascii=False, indent=1))
    else:
        Console().print(_table(found, language))
        typer.echo(" ".join(filter(None, (str(judgement.link), judgement.rule))))


def _fault(error: Exception) -> str:
    return f"{error.filename}: {error.strerror}" if isinstance(error, OSError) else str(error)


def _person(path: Path, key: str | None) -> Identity:
    """The identity in a JSON file, or of the CSV row with that id."""
    if path.suffix.lower() != ".csv":
        return _from_json(path)
    if key is None:
        raise IdentityFileError(f"{path}: holds many people: name one row of each file with --rows")
    found = dict(read_people_csv(path).rows).get(key)
    if found is None:
        raise IdentityFileError(f"{path}: no row has this id")
    return found


def _from_json(path: Path) -> Identity:
    try:
        document: Any = json.loads(path.read_bytes())
    except ValueError:
        raise IdentityFileError(f"{path}: not JSON in UTF-8") from None
    unknown = sorted(set(document) - KNOWN) if isinstance(document, dict) else []
    if unknown:
        raise IdentityFileError(f"{path}: fields are {', '.join(sorted(KNOWN))}; not {unknown[0]}")
    try:
        return IDENTITY.validate_python(document)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "the document"
        raise IdentityFileError(f"{path}: {place}: {first['msg']}") from None


def _table(found: Explanation, language: Language) -> Table:
    table = Table(show_lines=True, expand=True)
    for heading, ratio in zip(HEADINGS[language], RATIOS, strict=True):
        table.add_column(heading, overflow="fold", ratio=ratio)
    table.add_row("", "", "", _signed(found.prior), found.prior_words[language])
    for one in found.fields:
        sides = (_marked(one, side, language) for side in ("left", "right"))
        table.add_row(
            field_name(one.field, language), *sides, _signed(one.weight), one.words[language]
        )
    total = f"P = {found.probability:.6f}"
    table.add_row(TOTALS[language], "", "", _signed(found.log_odds), total)
    return table


def _signed(weight: float) -> str:
    """One decimal and a true minus sign."""
    return f"{weight:+.1f}".replace("-", "\u2212")


def _marked(one: FieldExplanation, side: str, language: Language) -> Text:
    """What is compared, its differences marked; a value that was not read as it was written."""
    if not one.spans or not any(getattr(span, side) for span in one.spans):
        return Text(getattr(one, side).written or "—", style="dim")
    return Text.assemble(*_pieces(one, side, language))


def _pieces(one: FieldExplanation, side: str, language: Language) -> Iterator[tuple[str, str]]:
    for span in one.spans:
        same = span.kind in (SpanKind.SAME, SpanKind.NOT_WRITTEN)
        yield value_name(one.field, getattr(span, side), language), "" if same else DIFFERS
