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
from app.domain.errors import InvalidStandard, NoStandardInForce, UnknownProgramme
from app.domain.money import round_yuan
from app.domain.profile import COUNT_TOTALS, MONEY_TOTALS
from app.programmes.files import (
    KINDS,
    NULLABLE,
    ProgrammeFile,
    TestLine,
    read_local,
    read_programme,
)
from app.programmes.parameters import WHOLE_COUNTRY, Area, InForce, Parameter, area_of

SHIPPED: Final = Path(__file__).parent / "standards"
LOCAL_FILE: Final = "local.yaml"
TESTABLE: Final = MONEY_TOTALS | COUNT_TOTALS | {"floor_area_per_person"}
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
    empty, the other alone decides. `benefits` are the figures to compute the amount from.
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


class Standards:
    """All programme standards, validated as a whole when they are loaded."""

    def __init__(
        self, programmes: Mapping[str, ProgrammeFile], shared: Mapping[str, Parameter]
    ) -> None:
        self._files = programmes
        self._shared = shared
        for file in programmes.values():
            _check(file, shared, programmes)
        self._remembered = lru_cache(maxsize=_REMEMBERED)(self._resolve)

    @classmethod
    def load(cls, folder: Path | None = None) -> "Standards":
        """The shipped files, each replaced by the folder's file of the same name.

        Files of other names in the folder add programmes. Raises InvalidStandard.
        """
        paths = {path.name: path for path in sorted(SHIPPED.glob("*.yaml"))}
        if folder is not None:
            if not folder.is_dir():
                raise InvalidStandard(f"{folder}: no such folder of programme standards")
            paths |= {path.name: path for path in sorted(folder.glob("*.yaml"))}
        shared = read_local(paths.pop(LOCAL_FILE))
        return cls({path.stem: read_programme(path) for path in paths.values()}, shared)

    @property
    def programmes(self) -> tuple[str, ...]:
        return tuple(sorted(self._files))

    def in_force(self, programme: str, region: str, day: date) -> Standard:
        """The standard of that day. Raises UnknownProgramme, NoStandardInForce."""
        return self._remembered(programme, region, day)

    def _resolve(self, programme: str, region: str, day: date) -> Standard:
        file = self._files.get(programme)
        if file is None:
            known = ", ".join(self.programmes)
            raise UnknownProgramme(f"{programme}: no programme has that key; there are {known}")
        area = file.area or area_of(region)
        values = _values(file, self._shared, _Place(region, day, area))
        held = _Held(area, _categories(file, self._files, area))
        return _standard(file, values, held)


@dataclass(frozen=True, slots=True)
class _Place:
    region: str
    day: date
    area: Area


@dataclass(frozen=True, slots=True)
class _Values:
    parameters: Mapping[str, InForce]
    benefits: Mapping[str, InForce]
    example: bool

    @property
    def all(self) -> tuple[InForce, ...]:
        return (*self.parameters.values(), *self.benefits.values())


def _names_used(file: ProgrammeFile) -> tuple[str, ...]:
    """The parameters that the standard rests on, each once, in a fixed order."""
    limits = (name for line in file.tests for name in line.limit)
    return tuple(dict.fromkeys((*COUNTING, *limits)))


def _values(file: ProgrammeFile, shared: Mapping[str, Parameter], place: _Place) -> _Values:
    own = {**shared, **file.parameters}
    used = {name: own[name] for name in _names_used(file)}
    in_force = {name: _in_force(used[name], place) for name in used}
    benefits = {name: _in_force(file.benefits[name], place) for name in file.benefits}
    found = {name: value for name, value in in_force.items() if value is not None}
    amounts = {name: value for name, value in benefits.items() if value is not None}
    if len(found) < len(in_force) or len(amounts) < len(benefits):
        raise _none_in_force(file, (*used.values(), *file.benefits.values()), place)
    parameters = (*used.values(), *file.benefits.values())
    return _Values(found, amounts, any(parameter.example for parameter in parameters))


def _in_force(parameter: Parameter, place: _Place) -> InForce | None:
    return parameter.in_force(place.region, place.day, place.area)


def _none_in_force(
    file: ProgrammeFile, parameters: tuple[Parameter, ...], place: _Place
) -> NoStandardInForce:
    none = f"{file.programme}: none for {place.region} on {place.day}"
    remedy = f"to {file.file} or {LOCAL_FILE} in the folder of programme standards"
    firsts = {one.name: one.first_day(place.region, place.area) for one in parameters}
    never = sorted(name for name, first in firsts.items() if first is None)
    if never:
        return NoStandardInForce(
            f"{none}, no level of the region has a {never[0]}: add its values {remedy}"
        )
    first = max(first for first in firsts.values() if first is not None)
    return NoStandardInForce(f"{none}, the first starts {first}: add the earlier values {remedy}")


@dataclass(frozen=True, slots=True)
class _Held:
    area: Area
    categories: tuple[str, ...]


def _categories(
    file: ProgrammeFile, programmes: Mapping[str, ProgrammeFile], area: Area
) -> tuple[str, ...]:
    """The categories that can be held in that area: urban dibao does not count in the country."""
    return tuple(name for name in file.holds_one_of if programmes[name].area in {None, area})


def _standard(file: ProgrammeFile, values: _Values, held: _Held) -> Standard:
    regions = {one.region for one in values.all} - {WHOLE_COUNTRY}
    region = max(regions, key=len, default=WHOLE_COUNTRY)
    since = max(one.since for one in values.all)
    # Town and country of one county share date and region: the area tells the two versions apart.
    version = f"{file.programme}@{since}/{region}" + ("" if file.area else f"/{held.area}")
    counting: Any = {name: values.parameters[name].value for name in COUNTING}
    return Standard(
        programme=file.programme,
        id=version,
        region=region,
        valid_from=since,
        counting=Counting(**counting),
        tests=tuple(_rule(line, values) for line in file.tests),
        holds_one_of=held.categories,
        benefits={name: _amount(one) for name, one in values.benefits.items()},
        area=held.area,
        name=file.name,
        left_to_case_system=file.left_to_case_system,
        example=values.example,
    )


def _rule(line: TestLine, values: _Values) -> TestRule:
    limit = reduce(mul, (_amount(values.parameters[name]) for name in line.limit))
    is_count = line.test in COUNT_TOTALS
    rounded = limit if is_count else round_yuan(limit)
    return TestRule(test=line.test, comparison=line.comparison, limit=rounded)


def _amount(one: InForce) -> Decimal:
    assert isinstance(one.value, Decimal)  # noqa: S101 - checked when the files were loaded
    return one.value


def _check(
    file: ProgrammeFile,
    shared: Mapping[str, Parameter],
    programmes: Mapping[str, ProgrammeFile],
) -> None:
    known = {**shared, **file.parameters}
    for name in COUNTING:
        if name not in known:
            raise InvalidStandard(f"{file.file}: parameters.{name}: missing here and in local.yaml")
    for number, line in enumerate(file.tests):
        _check_test(line, f"{file.file}: tests.{number}", known)
    for name in file.benefits:
        if name in KINDS:
            raise InvalidStandard(f"{file.file}: benefits.{name}: must be an amount")
    for name in file.holds_one_of:
        if name not in programmes or name == file.programme:
            raise InvalidStandard(f"{file.file}: holds_one_of: {name} is no other programme")
        if programmes[name].holds_one_of:
            raise InvalidStandard(f"{file.file}: holds_one_of: {name} itself rests on others")
    areas: tuple[Area, ...] = (file.area,) if file.area else ("urban", "rural")
    for area in areas:
        if not file.tests and not _categories(file, programmes, area):
            raise InvalidStandard(f"{file.file}: holds_one_of: nothing can be held where {area}")


def _check_test(line: TestLine, key: str, known: Mapping[str, Parameter]) -> None:
    if line.test not in TESTABLE:
        raise InvalidStandard(f"{key}.test: {line.test} is none of {', '.join(sorted(TESTABLE))}")
    if not line.limit:
        raise InvalidStandard(f"{key}.limit: names no parameter")
    for name in line.limit:
        if name not in known or name in KINDS or name in NULLABLE:
            raise InvalidStandard(f"{key}.limit: {name} is no parameter that is an amount")
