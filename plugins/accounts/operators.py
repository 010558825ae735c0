"""Verbs over operators: who runs an account at its platform."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime
from zoneinfo import ZoneInfo

from panel.api import Institution, Person, PersonKind, Refused, _, records, today, transaction
from plugins.accounts.choices import OperatorKind
from plugins.accounts.governing import require_direct_appointment
from plugins.accounts.life.filing import owe_filing
from plugins.accounts.models import Account, Operator
from plugins.accounts.preconditions import locked, open_account, past, require_in_service, same_institution

MAY_OPERATE = (PersonKind.STAFF, PersonKind.STUDENT)  # s0-07-r13


def months_after(day: date, months: int) -> date:
    """The same day `months` later, or the last of the month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def assign_operator(
    account: Account,
    person: Person,
    kind: str = OperatorKind.LONG,
    since: date | None = None,
    note: str = "",
    qualifications: str = "",
) -> Operator:
    """Make a person an operator of an account. `qualifications`: what was confirmed, one a line (s1-17-r04).

    Raises Refused: a chain decides about it; neither staff nor enrolled student, or left (s0-07-r13); already an
    operator; the platform's limit for this kind is reached; a short term that would be over already.
    """
    with transaction():
        require_direct_appointment(locked(account))
        term = enter_operator(account, person, kind, since, note, qualifications)
        owe_filing(account, _("Operator: %(name)s", name=person))
    return term


def enter_operator(
    account: Account,
    person: Person,
    kind: str = OperatorKind.LONG,
    since: date | None = None,
    note: str = "",
    qualifications: str = "",
) -> Operator:
    """Make a person an operator, whatever chain decides about it: the last step of an approved application."""
    kind = OperatorKind(kind)
    with transaction():
        account = open_account(account)
        same_institution(account.institution_id, person)
        require_in_service(person, "person", MAY_OPERATE)
        since = past(since, "since")
        running = list(Operator.select().where(Operator.account == account, Operator.until.is_null()))
        if any(row.person_id == person.id for row in running):
            raise Refused(_("%(name)s already is an operator of this account.", name=person), "person")
        limit = account.platform.limit(kind)
        taken = sum(row.kind == kind for row in running)
        if limit is not None and taken >= limit:
            raise Refused(
                _(
                    "%(platform)s allows %(limit)s of the kind “%(kind)s” on one account, and %(taken)s are entered. "
                    "End one first.",
                    platform=account.platform,
                    limit=limit,
                    kind=kind.label,
                    taken=taken,
                ),
                "kind",
            )
        return records.create(
            Operator,
            institution=account.institution_id,
            account=account,
            person=person,
            kind=kind.value,
            since=since,
            lapses_on=_lapse(account, kind, since),
            note=note,
            qualifications="\n".join(lines_of(qualifications)),
        )


def lines_of(text: str) -> list[str]:
    """What stands on the lines of a text, each once."""
    return list(dict.fromkeys(filter(None, (" ".join(line.split()) for line in text.splitlines()))))


def confirm_qualifications(row: Operator, qualifications: str) -> None:
    """Say what was confirmed of an operator, one a line (s1-17-r04, s2-01-r05). Raises Refused for an ended term."""
    if row.until is not None:
        raise Refused(_("This term ended on %(day)s already.", day=row.until))
    records.update(row, qualifications="\n".join(lines_of(qualifications)))


def end_operator(row: Operator, until: date | None = None, note: str | None = None) -> None:
    """End an operator's term on a day (today). Raises Refused where it has ended already or not yet begun."""
    with transaction():
        if row.until is not None:
            raise Refused(_("This term ended on %(day)s already.", day=row.until))
        records.update(row, until=past(until, "until"), note=row.note if note is None else note)
        owe_filing(locked(row.account), _("Operator: %(name)s", name=row.person))


def lapse_short_terms(institution: Institution, now: datetime) -> int:
    """End the short terms that have run out, on the day they ran out; gives how many. Safe to repeat."""
    day = now.astimezone(ZoneInfo(institution.time_zone)).date()
    with transaction():
        lapsed = list(
            Operator.select().where(
                Operator.institution == institution, Operator.until.is_null(), Operator.lapses_on <= day
            )
        )
        for row in lapsed:
            records.update(row, until=row.lapses_on)
    return len(lapsed)


def _lapse(account: Account, kind: OperatorKind, since: date) -> date | None:
    months = account.platform.short_term_months
    if kind != OperatorKind.SHORT or months is None:
        return None
    day = months_after(since, months)
    if day <= today():
        raise Refused(_("A short term that began on %(since)s lapsed on %(day)s.", since=since, day=day), "since")
    return day
