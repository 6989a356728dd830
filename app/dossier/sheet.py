"""The table of values 核对明细: every item declared, verified or left open, with its sources."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from app.domain.household import AssetKind, ExpenseKind, IncomeBasis, IncomeKind
from app.domain.interval import NOTHING, UNKNOWN, Interval
from app.domain.money import ZERO
from app.dossier.coverage import (
    WAGE_ORDER,
    Replied,
    Use,
    plain_sources,
    wage_sources,
)
from app.dossier.lines import (
    COUNTED_ONES,
    Compared,
    Line,
    asset_lines,
    compared,
    declared_asset,
    declared_income,
    income_lines,
    pieces,
    total,
)
from app.dossier.row import Row
from app.dossier.wage_sum import wage_sum
from app.verification.merge.records import Material
from app.verification.merge.support import COMPUTED as SUPPORT_COMPUTED
from app.verification.merge.support import INCOME_SOURCES as SUPPORT_SOURCES
from app.verification.merge.wages import wages_of

INCOME_SOURCES: Final[Mapping[IncomeKind, tuple[str, ...]]] = {
    IncomeKind.WAGE: WAGE_ORDER,
    IncomeKind.BUSINESS: ("tax", "business_registration"),
    IncomeKind.PROPERTY: ("tax", "insurance"),
    IncomeKind.TRANSFER: ("social_insurance", "tax"),
}
ASSET_SOURCES: Final[Mapping[AssetKind, tuple[str, ...]]] = {
    AssetKind.DEPOSIT: ("bank",),
    AssetKind.WEALTH_PRODUCT: ("bank",),
    AssetKind.SECURITY: ("securities",),
    AssetKind.FUND: ("securities",),
    AssetKind.INSURANCE: ("insurance",),
    AssetKind.HOUSING_FUND: ("housing_fund",),
    AssetKind.HOME: ("property",),
    AssetKind.OTHER_BUILDING: ("property",),
    AssetKind.VEHICLE: ("vehicle",),
    AssetKind.VESSEL: ("vehicle",),
    AssetKind.BUSINESS: ("business_registration",),
}
_FINANCIAL: Final = tuple(kind for kind in ASSET_SOURCES if kind not in COUNTED_ONES)


@dataclass(frozen=True)
class Sheet:
    """The household's evidence and the lines that were concluded from it."""

    material: Material
    replied: Replied
    income: Sequence[Line]
    assets: Sequence[Line]

    @classmethod
    def of(cls, material: Material, replied: Replied, profile: Mapping[str, Any]) -> "Sheet":
        return cls(material, replied, income_lines(profile), asset_lines(profile))

    def rows(self) -> list[dict[str, Any]]:
        """Income, financial assets, things, expenses; each kind by person."""
        return [one.document(self.replied) for one in self._rows()]

    def _rows(self) -> list[Row]:
        return [
            *(row for kind in IncomeKind for row in self._income(kind)),
            *self._support(),
            *(row for kind in _FINANCIAL for row in self._assets(kind, "financial")),
            *(row for kind in ASSET_SOURCES if kind in COUNTED_ONES for row in self._things(kind)),
            *self._expenses(),
        ]

    @property
    def _members(self) -> list[str]:
        return [one.ref for one in self.material.request.household.members]

    def _income(self, kind: IncomeKind) -> Iterator[Row]:
        plain: list[Row] = []
        assumed: list[Row] = []
        silent = []
        for ref in self._members:
            lines = [one for one in self.income if (one.person, one.kind) == (ref, kind.value)]
            assumed += self._as_declared(kind, ref, [one for one in lines if not one.verified])
            lines = [one for one in lines if one.verified or one.why == "business_income_unknown"]
            told = declared_income(self.material.request.declared, ref, kind.value)
            if lines or told is not None:
                plain.append(self._income_row(kind, ref, lines, told))
            else:
                silent.append(ref)
        yield from (*plain, *assumed)
        yield from self._silent((kind.value, "income", "yuan_month"), silent, beside=bool(plain))

    def _as_declared(self, kind: IncomeKind, ref: str, lines: Iterable[Line]) -> Iterator[Row]:
        """What no source can show is taken as declared."""
        for line in lines:
            basis = (line.why or "").removeprefix("declared_")
            if basis not in set(IncomeBasis):
                continue
            declared = declared_income(
                self.material.request.declared, ref, kind.value, basis=IncomeBasis(basis)
            )
            yield Row(
                kind=kind.value,
                group="income",
                unit="yuan_month",
                persons=(ref,),
                declared=declared,
                verified=line.value,
                lines=(line,),
                basis=basis,
            )

    def _income_row(
        self, kind: IncomeKind, ref: str, lines: list[Line], declared: Decimal | None
    ) -> Row:
        names = INCOME_SOURCES[kind]
        unknown = any(one.why == "business_income_unknown" for one in lines)
        known = total(lines)
        is_open = unknown or any(self.material.is_open(ref, one) for one in names)
        verified = Interval(known.low, None) if is_open else known
        word, difference = compared(declared, verified, self._tolerance)
        if unknown and declared is None:
            word, difference = Compared.OMITTED, None
        added = None
        if kind is IncomeKind.WAGE:
            wages = wages_of(self.material, ref)
            told = wage_sources(self.material, ref, lines, wages)
            added = wage_sum(self.material, lines, wages)
        else:
            told = plain_sources(self.material, [ref], names, lines)
        return Row(
            kind=kind.value,
            group="income",
            unit="yuan_month",
            persons=(ref,),
            declared=declared,
            verified=verified,
            comparison=word,
            difference=difference,
            lines=tuple(lines),
            told=tuple(told),
            wage_sum=added,
        )

    def _support(self) -> Iterator[Row]:
        """What supporters 赡养人 pay the household is its income, and nobody declares it."""
        for one in self.material.request.household.supporters:
            lines = [line for line in self.income if line.person == one.ref]
            if not lines:
                continue
            is_computed = any(line.why == SUPPORT_COMPUTED for line in lines)
            names = SUPPORT_SOURCES if is_computed else ()
            told = plain_sources(self.material, [one.ref], names, lines)
            yield Row(
                kind="support",
                group="income",
                unit="yuan_month",
                persons=(one.ref,),
                declared=one.declared_payment_monthly,
                verified=total(lines),
                comparison=None,
                lines=tuple(lines),
                told=tuple(one for one in told if one.use is not Use.NO_RECORD),
            )

    def _assets(self, kind: AssetKind, group: str) -> Iterator[Row]:
        unit = "pieces" if kind in COUNTED_ONES else "yuan"
        plain, silent = [], []
        for ref in self._members:
            lines = [one for one in self.assets if (one.person, one.kind) == (ref, kind.value)]
            told = declared_asset(self.material.request.declared, ref, kind)
            if not lines and told is None:
                silent.append(ref)
                continue
            known = pieces(lines) if kind in COUNTED_ONES else total(lines)
            is_open = any(self.material.is_open(ref, one) for one in ASSET_SOURCES[kind])
            verified = Interval(known.low, None) if is_open else known
            tolerance = ZERO if kind in COUNTED_ONES else self._tolerance
            word, difference = compared(told, verified, tolerance)
            plain.append(
                Row(
                    kind=kind.value,
                    group=group,
                    unit=unit,
                    persons=(ref,),
                    declared=told,
                    verified=verified,
                    comparison=word,
                    difference=difference,
                    lines=tuple(lines),
                    told=tuple(plain_sources(self.material, [ref], ASSET_SOURCES[kind], lines)),
                )
            )
        yield from plain
        yield from self._silent((kind.value, group, unit), silent, beside=bool(plain))

    def _things(self, kind: AssetKind) -> Iterator[Row]:
        return self._assets(kind, "things")

    def _silent(
        self, what: tuple[str, str, str], refs: list[str], *, beside: bool
    ) -> Iterator[Row]:
        """Nothing was declared or found: of some nothing is there, of others nobody knows."""
        kind, group, unit = what
        names = _sources_of(kind)
        unknown = [ref for ref in refs if any(self.material.is_open(ref, name) for name in names)]
        known = [ref for ref in refs if ref not in unknown]
        for some, verified in ((unknown, UNKNOWN), (known, NOTHING)):
            if not some or (verified == NOTHING and beside):
                continue
            yield Row(
                kind=kind,
                group=group,
                unit=unit,
                persons=tuple(some),
                declared=None,
                verified=verified,
                comparison=Compared.EQUAL if verified == NOTHING else Compared.CANNOT_CHECK,
                told=tuple(plain_sources(self.material, some, names, [])),
            )

    def _expenses(self) -> Iterator[Row]:
        for kind in ExpenseKind:
            for ref in self._members:
                some = [
                    one
                    for one in self.material.request.declared.expenses
                    if (one.person, one.kind) == (ref, kind)
                ]
                if not some:
                    continue
                told = sum((one.yearly for one in some), ZERO)
                proven = sum((one.yearly for one in some if one.proven), ZERO)
                is_proven = all(one.proven for one in some)
                yield Row(
                    kind=kind.value,
                    group="expenses",
                    unit="yuan_year",
                    persons=(ref,),
                    declared=told,
                    verified=Interval.exactly(proven) if is_proven else Interval(proven, None),
                    comparison=Compared.EQUAL if is_proven else Compared.CANNOT_CHECK,
                    why="proven" if is_proven else "not_proven",
                )

    @property
    def _tolerance(self) -> Decimal:
        return self.material.counting.declared_tolerance


def _sources_of(kind: str) -> tuple[str, ...]:
    if kind in set(IncomeKind):
        return INCOME_SOURCES[IncomeKind(kind)]
    return ASSET_SOURCES[AssetKind(kind)]
