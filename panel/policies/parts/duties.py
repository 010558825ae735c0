"""Standing duties: training, backups, the duty of the day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from panel import records
from panel.i18n import _, ngettext
from panel.obligations.models import Duty, Role
from panel.org.models import Institution, Unit
from panel.org.services import root_of
from panel.policies.catalogue import rules as catalogue
from panel.policies.parts.base import Asked, Part, Terms, joined, sources
from panel.policies.tables import Table

LATEST = 3660  # days


@dataclass(frozen=True, kw_only=True)
class DutyPart(Part):
    """What the institution, or one of its offices, owes again and again."""

    table: ClassVar[str] = "duty"
    name: str
    concerns: str = ""  # an area of the catalogue
    office: str = ""  # empty: the institution itself
    role: str = Role.PUBLICITY.value
    every_days: int | None = None
    every_months: int | None = None
    first_in: int = 30
    file: bool = False

    @property
    def key(self) -> str:
        return f"duty {self.office}/{self.name}"[:250]

    @property
    def area(self) -> str:
        return "obligations"

    @property
    def title(self) -> str:
        return _("Standing duty: %(name)s", name=self.name)

    def asks(self) -> Sequence[Asked]:
        return (Asked("office", self.office),) if self.office else ()

    def misfits(self) -> list[tuple[str, str]]:
        return []

    def unit(self, terms: Terms) -> Unit | None:
        if not self.office:
            return root_of(terms.institution)
        found = terms.found.get(f"office:{self.office}")
        return found if isinstance(found, Unit) else None

    def found(self, terms: Terms) -> Duty | None:
        unit = self.unit(terms)
        row: Duty | None = Duty.get_or_none(Duty.unit == unit, Duty.name == self.name) if unit else None
        return row

    def holds(self, terms: Terms) -> bool:
        row = self.found(terms)
        return row is not None and all(getattr(row, name) == value for name, value in self._values().items())

    def _values(self) -> dict[str, Any]:
        values: dict[str, Any] = {"role": self.role, "every_days": self.every_days, "every_months": self.every_months}
        return {**values, "asks_file": self.file, "rules": " ".join(self.rules)[:200]}

    def before(self, terms: Terms) -> str:
        row = self.found(terms)
        return _worded(row.every_days, row.every_months, row.role, row.asks_file) if row else ""

    def after(self, terms: Terms) -> str:
        return _worded(self.every_days, self.every_months, self.role, self.file)

    @classmethod
    def apply(cls, parts: Sequence[DutyPart], terms: Terms) -> None:
        for part in parts:
            values = part._values()
            row = part.found(terms)
            if row is None:
                new = {"unit": part.unit(terms), "name": part.name, "area": part.concerns, **values}
                first = terms.day + timedelta(days=part.first_in)
                records.create(Duty, institution=terms.institution, first_due_on=first, **new)
            else:
                records.update(row, **values)

    @classmethod
    def read(cls, table: Table) -> DutyPart:
        days, months = table.number("every_days", 1, LATEST), table.number("every_months", 1, 120)
        if days and months:
            table.wrong("every_months", _("It recurs every so many days or months, not both; from 1 up."))
        return cls(
            name=table.text("name", need=True, most=120),
            concerns=table.text("concerns", most=40, one_of=tuple({rule.area for rule in catalogue().values()})),
            office=table.text("office", most=120),
            role=table.text("role", one_of=tuple(role.value for role in Role)) or Role.PUBLICITY.value,
            every_days=days,
            every_months=months,
            first_in=table.number("first_in", 0, LATEST) or (0 if "first_in" in table.data else 30),
            file=table.flag("file"),
            **sources(table),
        )

    def written(self) -> dict[str, Any]:
        values: dict[str, Any] = {"name": self.name, "concerns": self.concerns, "office": self.office}
        values |= {"role": self.role, "every_days": self.every_days, "every_months": self.every_months}
        values |= {"first_in": self.first_in, "file": self.file}
        return {name: value for name, value in values.items() if value not in (None, "")}

    @classmethod
    def present(cls, institution: Institution) -> list[DutyPart]:
        root = root_of(institution)
        rows = Duty.select(Duty, Unit).join(Unit).where(Duty.institution == institution, Duty.ended_on.is_null())
        return [
            cls(
                name=row.name,
                concerns=row.area,
                office="" if row.unit == root else row.unit.name,
                role=row.role,
                every_days=row.every_days,
                every_months=row.every_months,
                file=row.asks_file,
                rules=tuple(rule for rule in row.rules.split() if rule in catalogue()),
            )
            for row in rows.order_by(Duty.id)
        ]


def _worded(days: int | None, months: int | None, role: str, file: bool) -> str:
    if days:
        every = ngettext("every %(num)s day", "every %(num)s days", days)
    elif months:
        every = ngettext("every %(num)s month", "every %(num)s months", months)
    else:
        every = _("once")
    return joined((every, str(Role(role).label), _("a file proves it") if file else ""))
