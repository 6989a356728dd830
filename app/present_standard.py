"""A programme standard on the terminal: its tests, values and where they come from."""

from collections.abc import Iterable, Mapping
from typing import assert_never

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from app.programmes.explain import Explanation, Figure, value_document
from app.programmes.parameters import Value
from app.programmes.resolve import Change, ChangeKind
from app.programmes.words import (
    AREAS,
    COMPARISONS,
    LABELS,
    LEVELS,
    PARAMETERS,
    TOTALS,
    Language,
    level_of,
    said,
)


def print_explanation(explained: Explanation, language: Language, console: Console) -> None:
    """The standard, its tests with how each limit comes about, figures, and numbered references."""
    shown = _Shown(language)
    console.print(shown.summary(explained))
    if explained.tests:
        console.print(shown.tests(explained))
    for part in ("benefits", "targets", "counting"):
        figures: tuple[Figure, ...] = getattr(explained, part)
        if figures:
            console.print(shown.figures(part, figures))
    sources = (" ".join((one.title, *one.articles)) for one in explained.standard.sources)
    lists = {
        "left_to_case_system": [f"- {one}" for one in explained.standard.left_to_case_system],
        "sources": [f"- {one}" for one in sources],
        "references": shown.references(),
    }
    for label, lines in lists.items():
        if lines:
            console.print(Text("\n".join((said(LABELS, label, language), *lines))))


class _Shown:
    """The parts of an explanation in one language; a reference is a number, listed at the end."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._references: dict[str, int] = {}

    def references(self) -> list[str]:
        """All that were referred to so far."""
        return [f"{number}. {words}" for words, number in self._references.items()]

    def summary(self, explained: Explanation) -> Table:
        standard, months = explained.standard, explained.valid_months
        until = explained.holds_until
        rows = {
            "standard": standard.id,
            "name": standard.name.get(self._language.value, standard.name["zh"]),
            "clause": explained.file.clause,
            "area": said(AREAS, standard.area, self._language),
            "in_force": str(standard.valid_from),
            "set_by": self._region(standard.region),
            "holds_until": self._label("no_change") if until is None else str(until),
            "change": "\n".join(self._change(one) for one in explained.changes),
            "until": str(standard.until or ""),
            "valid_months": None if months is None else _value(months.value),
            "holds_one_of": ", ".join(standard.holds_one_of),
            "example": self._label("examples" if standard.example else "no_examples"),
        }
        table = Table.grid(padding=(0, 2))
        for label, words in rows.items():
            if words:
                table.add_row(f"[bold]{self._label(label)}[/bold]", escape(words))
        return table

    def tests(self, explained: Explanation) -> Table:
        """One row a factor of a limit; the limit is their product."""
        columns = ("test", "limit", "parameter", "value", "since", "set_by", "reference")
        table = self._table("tests", columns)
        for test in explained.tests:
            comparison = said(COMPARISONS, test.comparison.value, self._language)
            lead = (said(TOTALS, test.test, self._language), f"{comparison} {test.limit:f}", "")
            for factor in test.factors:
                total, limit, times = lead
                table.add_row(total, limit, times + self._name(factor), *self._cells(factor))
                lead = ("", "", "× ")
            table.add_section()
        return table

    def figures(self, part: str, figures: Iterable[Figure]) -> Table:
        table = self._table(part, ("name", "value", "unit", "since", "set_by", "reference"))
        for one in figures:
            value, *rest = self._cells(one)
            table.add_row(self._name(one), value, escape(one.unit or ""), *rest)
        return table

    def _table(self, title: str, columns: Iterable[str]) -> Table:
        table = Table(title=self._label(title), title_justify="left")
        for column in columns:
            table.add_column(self._label(column), overflow="fold")
        return table

    def _label(self, key: str) -> str:
        return said(LABELS, key, self._language)

    def _name(self, figure: Figure) -> str:
        """What it is called, and the key that it has in its file."""
        words = said(PARAMETERS, figure.name, self._language)
        return figure.name if words == figure.name else f"{words} [dim]{figure.name}[/dim]"

    def _cells(self, figure: Figure) -> tuple[str, str, str, str]:
        number = self._references.setdefault(figure.reference, len(self._references) + 1)
        example = f" [yellow]{self._label('example')}[/yellow]" if figure.example else ""
        value = escape(_value(figure.value)) + example
        return value, str(figure.since), self._region(figure.region), str(number)

    def _region(self, region: str) -> str:
        level = said(LEVELS, level_of(region), self._language)
        return level if region in LEVELS else f"{level} {region}"

    def _change(self, change: Change) -> str:
        match change.kind:
            case ChangeKind.VALUE:
                name, value = said(PARAMETERS, change.name, self._language), _value(change.value)
                return f"{change.on} {name} → {value} ({self._region(change.region or '')})"
            case ChangeKind.BEGINS | ChangeKind.ENDS:
                return f"{change.on} {change.name} {self._label(change.kind.value)}"
            case _:
                assert_never(change.kind)


def _value(value: Value) -> str:
    document = value_document(value)
    if document is None:
        return "—"
    if isinstance(document, list):
        return ", ".join(str(one) for one in document)
    if isinstance(document, Mapping):
        return ", ".join(f"{key} {one}" for key, one in document.items())
    return str(document)
