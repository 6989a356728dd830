"""Work areas of questions and of sources that did not answer: what the review screen shows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.web import kind_words
from app.web.charts_kinds import RangeWords, usual_range
from app.web.code_words import FAILURES
from app.web.formats import Formats
from app.web.forms import Form
from app.web.i18n import translator
from app.web.inner import Inner
from app.web.review_pair import EffectRow, EffectTable, effects_of
from app.web.shell import Viewer

SETTLED: Final = ("conflict", "declared", "anomaly", "undeclared")
TEMPLATES: Final[Mapping[str, str]] = {
    **{kind: f"review/kind_{kind}.html" for kind in SETTLED},
    "ask_source": "review/kind_asking.html",
}
_ITEM: Final = "/v1/review-items"
_FINAL: Final = ("final", "cancelled")
_AT_ONCE: Final = ("retry", "carry_on", "not_connected")
_ASKING: Final = ("asked", "obtained", "not_obtainable")


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRow:
    """One answer and what it leads to; `effect` is None where an amount is still to be said."""

    choice: str
    key: str = ""
    said: Mapping[str, Any] | None = None
    effect: EffectRow | None = None
    rate: float | None = None
    two_persons: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What a template shows beside the item's document."""

    document: Mapping[str, Any]
    names: Mapping[str, str]
    table: EffectTable | None
    rows: Sequence[AnswerRow]
    now: EffectRow | None
    proofs: Sequence[Mapping[str, Any]]
    errors: Sequence[tuple[str, str]] = ()
    chart: Any = None

    @property
    def question(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.document["question"]
        return found

    @property
    def is_issued(self) -> bool:
        """The verification is final: nothing is edited."""
        return self.document["item"]["verification_status"] in _FINAL

    def institution_of(self, told: Mapping[str, Any]) -> str | None:
        """Of whoever tells a value, where all its records are of one institution."""
        rows = (one for one in self.document["evidence"] if one["id"] in told["evidence"])
        found = {one["institution"] for one in rows}
        return found.pop() if len(found) == 1 else None

    def row_of(self, choice: str, key: str = "") -> AnswerRow:
        """The row of an answer; empty where nothing is worked out of it yet."""
        found = (one for one in self.rows if (one.choice, one.key) == (choice, key))
        return next(found, AnswerRow(choice=choice, key=key))


async def prepared(
    inner: Inner, document: Mapping[str, Any], who: Viewer, preview: Mapping[str, str] | None = None
) -> Part:
    """The item's document with proofs and effects; `preview`: an answer to be tried out."""
    item = document["item"]
    if preview:
        document = await inner.get(f"{_ITEM}/{item['id']}", **preview)
    proofs = await inner.get(
        f"/v1/verifications/{item['verification']}/proofs",
        owner_kind="review_item",
        owner=item["id"],
    )
    effects = document.get("effects") or []
    now = document.get("now")
    compared = [{"choice": "", "two_persons": False, **now}, *effects] if now else effects
    table = effects_of(compared) if compared else None
    shown = [] if table is None else list(table.rows)
    return Part(
        document=document,
        names=document.get("names") or {},
        table=table,
        rows=list(_rows(effects, shown[1:] if now else shown)),
        now=shown[0] if now and shown else None,
        proofs=proofs["proofs"],
        errors=_errors(document.get("failure")),
        chart=_chart(document, who.preferences.language),
    )


def _rows(effects: Sequence[Mapping[str, Any]], shown: Sequence[EffectRow]) -> Iterator[AnswerRow]:
    for effect, row in zip(effects, shown, strict=True):
        yield AnswerRow(
            choice=effect["choice"],
            key=effect.get("option") or effect.get("explanation") or "",
            said=effect,
            effect=row,
            rate=max((one["error_rate"] for one in effect["decisions"]), default=None),
            two_persons=effect["two_persons"],
        )


def _errors(failure: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """Institution (or nothing) and the kind of failure of each error."""
    found = []
    for text in () if failure is None else failure["errors"]:
        parts = text.split(": ")
        kind = next((one for one in parts if one in FAILURES), "")
        where = parts[0] if parts[0] not in FAILURES and len(parts) > 1 else ""
        found.append((where, FAILURES.get(kind, text)))
    return found


def _chart(document: Mapping[str, Any], language: str) -> Any:
    anomaly = (document.get("question") or {}).get("anomaly")
    if anomaly is None or anomaly["value"] is None or anomaly["usual"] == [None, None]:
        return None
    _, form = translator(language, "review"), Formats(language)
    low, high = anomaly["usual"]
    words = RangeWords(
        value=form.amount(anomaly["value"]),
        low=form.amount(low or "0"),
        high=_("不限") if high is None else form.amount(high),
        label=_(
            "数值 %(value)s，常见范围 %(low)s 至 %(high)s",
            value=form.amount(anomaly["value"]),
            low=form.amount(low or "0"),
            high=_("不限") if high is None else form.amount(high),
        ),
    )
    return usual_range(anomaly["value"], (low, high), words)


def choices_of(item: Mapping[str, Any]) -> Sequence[str]:
    """The choices that the bar offers: of a source what can be done at once, or was asked."""
    if item["kind"] != "ask_source":
        return list(item["choices"])
    if item["verification_status"] in _FINAL:
        return list(_ASKING)
    return [*_AT_ONCE, *(_ASKING if item["state"] == "asked" else _ASKING[:1])]


def why_not(item: Mapping[str, Any]) -> str:
    """`issued` where the verification is final, and what would be settled is in its report."""
    settled = item["kind"] in SETTLED[:3]
    return "issued" if settled and item["verification_status"] in _FINAL else ""


def reasons_of(kind: str, others: Sequence[str]) -> Sequence[str]:
    """Of a kind of this module its own; else those given."""
    own = kind_words.REASONS_OF.get(kind)
    return others if own is None else (*own, "other")


def answer_of(form: Form) -> dict[str, Any]:
    """What a form says beside the choice itself."""
    choice, found = form.text("choice"), dict[str, Any]()
    if choice == "use_source":
        found["option"] = form.text("option") or None
    if choice in ("accept", "not_accept"):
        found["explanation"] = form.text("explanation") or None
    name = f"amount_{form.text('explanation')}" if choice == "accept" else "amount"
    if choice in ("accept", "set_amount"):
        found["amount"] = amount_of(form, name)
    if choice in ("accept", "not_accept", "set_amount", "use_source", "exclude", "confirm_true"):
        found["proofs"] = form.texts("proof")
    return found


def amount_of(form: Form, name: str = "amount") -> str | None:
    """As it was typed, without what parts thousands."""
    return form.text(name).replace(",", "").replace("，", "") or None


def preview_of(form: Form) -> dict[str, str]:
    """What is to be tried out: the amount, and of which explanation."""
    code = form.text("explanation")
    amount = amount_of(form, f"amount_{code}" if code else "amount")
    given = {"amount": amount, "explanation": code}
    return {name: value for name, value in given.items() if value}
