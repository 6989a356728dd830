"""The standard in force 执行标准: a programme, in a region, on a day."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from functools import lru_cache, reduce
from operator import mul
from pathlib import Path
from typing import Any, Final

from app.domain.decision import Comparison
from app.domain.errors import UnknownProgramme
from app.domain.money import round_yuan
from app.domain.profile import COUNT_TOTALS
from app.programmes.consistency import disagreements, outline_of
from app.programmes.document import Document, read_mapping, read_text
from app.programmes.faults import FaultyStandards
from app.programmes.files import LocalFile, ProgrammeFile, Source, TestLine, read_programme
from app.programmes.folder import Files, read_files
from app.programmes.parameters import Area, area_of
from app.programmes.resolve import Resolved, Resolver, Situation, Used

_REMEMBERED: Final = 4096  # standards kept: programmes by townships by days in one batch


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting:
    """How income and assets are counted 计算口径; amounts in yuan, shares of one."""

    window_months: int
    residents_pension_counted_from: date | None  # month from which kind 05 counts; None: never
    minimum_wage: Decimal  # a month
    contribution_floor: Decimal  # 缴费基数下限 a month
    contribution_ceiling: Decimal  # 缴费基数上限 a month
    local_standard: Decimal  # a month and person
    wage_difference_tolerance: Decimal
    imputed_sole_trader_monthly: Decimal | None  # None: nothing is imputed, the income is unknown
    supporter_share: Decimal
    supporter_share_many: Decimal
    supporters_many: int
    medical_above_yearly: Decimal
    medical_limit_yearly: Decimal | None  # None: no upper limit
    education_limit_yearly: Decimal
    disability_limit_yearly: Decimal
    own_contribution_rate_most: Decimal
    own_fund_rate_most: Decimal
    exempt_vehicle_kinds: tuple[str, ...]
    counted_vehicle_states: tuple[str, ...]
    stale_after_days: Mapping[str, int]
    declared_tolerance: Decimal
    lookback_months: int


COUNTING: Final = tuple(field.name for field in fields(Counting))


@dataclass(frozen=True, slots=True, kw_only=True)
class TestRule:
    """One test 核对项: a total of the profile held against a limit."""

    __test__ = False  # not a test case of the test runner

    test: str
    comparison: Comparison
    limit: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """A programme's standard as it holds in a region on a day.

    It is met where one of `holds_one_of` is held or all `tests` pass; where one of the two is
    empty, the other alone decides. `benefits` are the figures to compute the amount from. The id
    of a draft's standard ends in `+draft`.
    """

    programme: str
    id: str
    region: str
    valid_from: date
    counting: Counting
    tests: tuple[TestRule, ...]
    holds_one_of: tuple[str, ...]
    benefits: Mapping[str, Decimal]
    area: Area
    name: Mapping[str, str]
    left_to_case_system: tuple[str, ...]
    example: bool  # some value in force is a made-up example
    until: date | None = None  # the programme's last day
    valid_months: int | None = None  # how long a decision holds 有效期; None: not laid down
    sources: tuple[Source, ...] = ()


class Standards:
    """All programme standards, of files in which nothing is wrong."""

    def __init__(self, programmes: Mapping[str, ProgrammeFile], local: LocalFile) -> None:
        self._files = programmes
        self._local = local
        self._resolver = Resolver(programmes, local.parameters, COUNTING)
        self._remembered = lru_cache(maxsize=_REMEMBERED)(self._in_force)

    @classmethod
    def load(cls, folder: Path | None = None) -> "Standards":
        """The shipped files, each replaced by the folder's file of the same name.

        Files of other names in the folder add programmes. Raises InvalidStandard with the first
        fault's file and line, and how many more there are.
        """
        remedy = "" if folder is None else f"; hedui programmes check {folder} tells all"
        return cls.of(read_files(folder, COUNTING), remedy)

    @classmethod
    def of(cls, files: Files, remedy: str = "") -> "Standards":
        """The standards of files that were read; raises InvalidStandard where any has a fault."""
        if files.faults or files.local is None:
            raise FaultyStandards(files.faults, remedy)
        return cls(files.programmes, files.local)

    def with_draft(
        self, document: str | Mapping[str, Any], *, file: str = "draft.yaml"
    ) -> tuple["Standards", str]:
        """These standards with one programme's file replaced or added, and its key.

        `document` is a programme's file as YAML or JSON text, or data of that shape; `file` is
        what faults call it. A standard of the draft has an id that ends in `+draft`; this object
        stays as it is. Raises InvalidStandard with the line.
        """
        read = _document(document, file)
        draft, faults = read_programme(read, key=None)
        key = file if draft is None else draft.programme
        outlines = {name: outline_of(one.document) for name, one in self._files.items()}
        outlines[key] = outline_of(read)
        faults = (*faults, *disagreements(outlines, self._local.document, COUNTING))
        if draft is None or faults:
            raise FaultyStandards(faults)
        return Standards({**self._files, key: draft}, self._local), key

    @property
    def programmes(self) -> tuple[str, ...]:
        return tuple(sorted(self._files))

    def file(self, programme: str) -> ProgrammeFile:
        """What the programme's file holds. Raises UnknownProgramme."""
        if programme not in self._files:
            known = ", ".join(self.programmes)
            raise UnknownProgramme(f"{programme}: no programme has that key; there are {known}")
        return self._files[programme]

    def in_force(self, programme: str, region: str, day: date) -> Standard:
        """The standard of that day. Raises UnknownProgramme, NoStandardInForce."""
        return self._remembered(programme, region, day)

    def resolved(
        self, programme: str, region: str, day: date, area: Area | None = None
    ) -> Resolved:
        """The values that the standard rests on; the area is the township's where it is not given.

        Raises UnknownProgramme, NoStandardInForce.
        """
        its_own = self.file(programme).area
        situation = Situation(region, day, its_own or area or area_of(region))
        return self._resolver.resolved(programme, situation)

    @property
    def resolver(self) -> Resolver:
        """What finds the values in force, for those who explain and check them."""
        return self._resolver

    def _in_force(self, programme: str, region: str, day: date) -> Standard:
        return standard_of(self.resolved(programme, region, day))


def _document(draft: str | Mapping[str, Any], file: str) -> Document:
    return read_text(draft, file) if isinstance(draft, str) else read_mapping(draft, file)


def standard_of(resolved: Resolved) -> Standard:
    """The standard that the values in force make."""
    file, area = resolved.file, resolved.situation.area
    # Town and country of one county share date and region: the area tells the two versions apart.
    version = f"{file.programme}@{resolved.since}/{resolved.region}"
    version += "" if file.area else f"/{area}"
    counting: Any = {name: resolved.parameters[name].value for name in COUNTING}
    months: Any = None if resolved.valid_months is None else resolved.valid_months.value
    return Standard(
        programme=file.programme,
        id=version + ("+draft" if file.draft else ""),
        region=resolved.region,
        valid_from=resolved.since,
        counting=Counting(**counting),
        tests=tuple(_rule(line, resolved) for line in file.tests),
        holds_one_of=resolved.categories,
        benefits={name: _amount(one) for name, one in resolved.benefits.items()},
        area=area,
        name=file.name,
        left_to_case_system=file.left_to_case_system,
        example=any(one.parameter.example for one in resolved.used),
        until=file.until,
        valid_months=months,
        sources=file.sources,
    )


def _rule(line: TestLine, resolved: Resolved) -> TestRule:
    limit = reduce(mul, (_amount(resolved.parameters[name]) for name in line.limit))
    is_count = line.test in COUNT_TOTALS
    rounded = limit if is_count else round_yuan(limit)
    return TestRule(test=line.test, comparison=line.comparison, limit=rounded)


def _amount(one: Used) -> Decimal:
    assert isinstance(one.value, Decimal)  # noqa: S101 - checked when the files were read
    return one.value
