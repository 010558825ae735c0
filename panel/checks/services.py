"""The verbs on findings: assign them, waive them, take a waiver back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from panel import audit, records
from panel.access.scope import condition, find, require
from panel.checks.compiled import unit_of
from panel.checks.declare import Check
from panel.checks.engine import today_in
from panel.checks.models import Finding, Waiver
from panel.checks.permissions import ChecksPermission as P
from panel.checks.registry import checks
from panel.database import key_of, transaction
from panel.errors import NotFound, Refused
from panel.i18n import _, _l
from panel.org.holdings import Holding
from panel.org.models import Institution, Person

LONGEST = timedelta(days=366)  # a waiver is looked at again every year


def waive(check: Check, subject_id: int, reason: str, until: date) -> Waiver:
    """Excuse one row from a check until a day (inclusive), whether it is broken yet or not.

    Raises NotFound for a row out of sight, NotAllowed without the permission, Refused without a reason, for a day that
    is over, or for one more than a year off.
    """
    who = require(P.FINDING_WAIVE)
    day = today_in(who.institution)
    if not reason.strip():
        raise Refused(_("Give the reason."), "reason")
    if until < day:
        raise Refused(_("The last day of a waiver cannot be over."), "until")
    if until > day + LONGEST:
        raise Refused(_("A waiver lasts at most a year; then it is looked at again."), "until")
    unit_id = in_sight(check, subject_id)
    with transaction(), audit.acting(reason=reason):
        waiver = records.create(
            Waiver,
            institution=who.institution,
            code=check.code,
            subject_type=key_of(check.subject),
            subject_id=subject_id,
            unit=unit_id,
            reason=reason.strip(),
            since=day,
            until=until,
        )
        _hide(check.code, subject_id, who.institution, until)
    return waiver


def revoke(waiver: Waiver) -> None:
    """End a waiver now; what it hid is shown again."""
    require(P.FINDING_WAIVE)
    day = today_in(waiver.institution)
    with transaction():
        if waiver.until < day:
            raise Refused(_("This waiver ended on %(day)s already.", day=waiver.until))
        if waiver.since == day:
            records.delete(waiver)
        else:
            records.update(waiver, until=day - timedelta(days=1))
        _hide(waiver.code, waiver.subject_id, waiver.institution, _waived_until(waiver, day))


def assign(findings: Iterable[Finding], person: Person | None) -> int:
    """Give findings to a person to see to (None: to nobody); gives how many changed hands."""
    who = require(P.FINDING_ASSIGN)
    if person is not None and (person.institution_id != who.institution.id or not person.in_service()):
        raise Refused(_("Choose somebody in service."), "person")
    with transaction():
        return sum(bool(records.update(finding, assignee=person)) for finding in findings)


def in_sight(check: Check, subject_id: int) -> int | None:
    """The unit of a row. Raises NotFound where the row is not in the sight of whoever waives."""
    subject = check.subject
    row = subject.select(subject.id).where(subject.id == subject_id, condition(subject, P.FINDING_WAIVE)).first()
    if row is None:
        raise NotFound(_("This page does not exist, or is not yours to see."))
    found = subject.alias("s")
    (unit,) = found.select(unit_of(subject, found)).where(found.id == subject_id).tuples().get()
    return int(unit) if unit is not None else None


def _hide(code: str, subject_id: int, institution: Institution, until: date | None) -> None:
    Finding.update(waived_until=until).where(
        Finding.institution == institution,
        Finding.code == code,
        Finding.subject_id == subject_id,
        Finding.closed_at.is_null(),
    ).execute()


def _waived_until(waiver: Waiver, day: date) -> date | None:
    others: Any = Waiver.select(Waiver.until).where(
        Waiver.institution == waiver.institution,
        Waiver.code == waiver.code,
        Waiver.subject_id == waiver.subject_id,
        Waiver.since <= day,
        Waiver.until >= day,
    )
    return max((until for (until,) in others.tuples()), default=None)


def finding_in_sight(row_id: Any, permission: Any = P.FINDING_VIEW) -> Finding:
    """An open finding of a check that is on. Raises NotFound."""
    finding = find(Finding, row_id, permission)
    if finding.code not in checks:
        raise NotFound(_("This page does not exist, or is not yours to see."))
    return finding


# ── what a person holds here ───────────────────────────────────────────────────────────────────


def _assigned_to(people: Iterable[Person]) -> list[Finding]:
    ids = [person.id for person in people]
    return list(Finding.select().where(Finding.assignee.in_(ids), Finding.closed_at.is_null()).order_by(Finding.id))


def _text(finding: Finding) -> str:
    return checks[finding.code].worded(finding.values) if finding.code in checks else finding.code


def _hand_over(finding: Finding, successor: Person, note: str) -> None:
    with audit.acting(reason=note):
        records.update(finding, assignee=successor)


def _end(finding: Finding, note: str) -> None:
    with audit.acting(reason=note):
        records.update(finding, assignee=None)


assigned = Holding(
    kind="checks.finding",
    title=_l("Finding to see to"),
    held_by=_assigned_to,
    holder=lambda finding: int(finding.assignee_id),
    subject=_text,
    hand_over=_hand_over,
    end=_end,
)
