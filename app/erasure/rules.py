"""Rules of retention 保存期限: dated terms from a YAML file, checked when it is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from app.domain import rule_files
from app.domain.errors import ConfigurationError
from app.store.erasure_due import Ending

SHIPPED: Final = Path(__file__).parent / "data" / "retention.yaml"
ENDINGS: Final[tuple[Ending, ...]] = ("cancelled", "refused", "granted", "recipient")
WORK: Final = "work"
_MOST_DAYS: Final = 36_600
_LEAST_OBJECTION: Final = 60
"""Days in which a reconsideration 行政复议 may be asked for: nothing is erased before."""
_Days = Annotated[int, Field(ge=1, le=_MOST_DAYS)]


class _Term(BaseModel):
    """One term; before the first day none is in force, and nothing is erased by it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reference: str = Field(min_length=1)
    days: dict[date, _Days] = Field(min_length=1)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    example: bool = False
    terms: dict[str, _Term]


@dataclass(frozen=True, slots=True)
class RetentionRules:
    """Terms by name: the four endings of a household's data, and `work`."""

    terms: Mapping[str, Mapping[date, int]]
    example: bool = False

    @classmethod
    def load(cls, path: Path | None = None) -> "RetentionRules":
        """The shipped file or one's own. Raises `ConfigurationError` with file and place."""
        where = path or SHIPPED
        file = rule_files.read(_File, where)
        wanted = {*ENDINGS, WORK}
        if set(file.terms) != wanted:
            other = sorted(wanted ^ set(file.terms))[0]
            raise ConfigurationError(f"{where}: terms: {other} is missing or unknown")
        for name in ENDINGS:
            if min(file.terms[name].days.values()) < _LEAST_OBJECTION:
                raise ConfigurationError(
                    f"{where}: terms.{name}: at least {_LEAST_OBJECTION} days, in which a decision "
                    "may be objected to"
                )
        return cls({name: term.days for name, term in file.terms.items()}, file.example)

    def term(self, name: str, day: date) -> timedelta:
        """The term in force on that day; raises `ConfigurationError` before the first one."""
        dates = [since for since in self.terms[name] if since <= day]
        if not dates:
            first = min(self.terms[name])
            raise ConfigurationError(f"no term {name} on {day}: the first starts {first}")
        return timedelta(days=self.terms[name][max(dates)])
