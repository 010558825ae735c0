"""The verbs on what belongs to a case: measures, parties, the superior, rectification, the authority."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from panel.api import Institution, Person, Refused, Unit, _, records, today, transaction, utcnow
from plugins.violations.cases import progress
from plugins.violations.choices import CaseState, MeasureKind, PartyRole, Verdict
from plugins.violations.common import locked, may_handle, me, past, said, same_institution
from plugins.violations.models import Case, Evidence, Measure, Party, Referral


def _open(case: Case) -> Case:
    stored = locked(case)
    if stored.state == CaseState.CLOSED or stored.verdict == Verdict.UNFOUNDED:
        raise Refused(_("The case is closed, or unfounded."))
    may_handle(stored, me())
    return stored


def order_measure(
    case: Case, kind: MeasureKind | str, due_on: date | None = None, person: Person | None = None, text: str = ""
) -> Measure:
    """Order something at once: an obligation of the person, or of the office."""
    due_on = due_on or today()
    if due_on < today():
        raise Refused(_("The day lies in the past."), "due_on")
    same_institution(case.institution_id, person)
    with transaction():
        stored = _open(case)
        made = records.create(
            Measure,
            institution=case.institution_id,
            case=case,
            kind=MeasureKind(kind).value,
            text=text.strip()[:300],
            person=person,
            due_on=due_on,
        )
        if kind == MeasureKind.RECTIFY and stored.account_id and stored.stopped_on is None:
            records.update(case, stopped_on=today())
        progress(case)
    return made


def do_measure(
    measure: Measure, note: str = "", on: date | None = None, file: str = "", file_name: str = "",
    person: Person | None = None,
) -> None:  # fmt: skip
    """Note that a measure was taken, with what shows it. `on` is the day, now where it is today."""
    if not note.strip() and not file:
        raise Refused(_("Say what shows that it was done, or attach it."), "note")
    day = past(on, "on")
    with transaction():
        case = locked(measure.case)
        stored = Measure.get_by_id(measure.id)
        if stored.done_at is not None:
            raise Refused(_("This measure is done already."))
        same_institution(case.institution_id, person)
        records.update(
            measure,
            done_at=utcnow() if day == today() else _noon(case.institution, day),
            note=note.strip()[:500],
            file=file,
            file_name=file_name[-200:],
            person=person or stored.person or me(),
        )
        progress(case)


def _noon(institution: Institution, day: date) -> datetime:
    return datetime.combine(day, time(12), ZoneInfo(institution.time_zone))


def attach(case: Case, file: str, file_name: str, note: str = "") -> Evidence:
    """Add a kept file to a case as evidence."""
    with transaction():
        if locked(case).state == CaseState.CLOSED:
            raise Refused(_("The case is closed, or unfounded."))
        return records.create(
            Evidence,
            institution=case.institution_id,
            case=case,
            file=file,
            file_name=file_name[-200:],
            note=note.strip()[:200],
        )


def name_party(case: Case, role: PartyRole | str, person: Person | None = None, unit: Unit | None = None) -> Party:
    """Name somebody who answers for a breach besides the one it is about. Raises Refused for a party named already."""
    same_institution(case.institution_id, person, unit)
    if (person is None) == (unit is None):
        raise Refused(_("Name a person or a unit, one of the two."), "person")
    with transaction():
        stored = _open(case)
        there = Party.select().where(Party.case == stored, Party.role == str(role))
        if there.where(Party.person == person if person else Party.unit == unit).exists():
            raise Refused(_("This party is named already."), "person")
        if person is not None and person.id == stored.handler_id:
            raise Refused(_("%(person)s answers for this case and cannot handle it.", person=person), "person")
        return records.create(
            Party, institution=case.institution_id, case=case, role=PartyRole(role).value, person=person, unit=unit
        )


def tell_superior(case: Case, superior: str) -> None:
    """Note which superior was told (s1-12-r10)."""
    superior = said(superior, "superior", _("Say who was told."))
    with transaction():
        locked(case)
        records.update(case, superior=superior[:120], superior_at=utcnow())


def note_liability(case: Case, liability: str) -> None:
    """Note what legal liability follows, or that legal action is reserved (s1-16-r10, s1-18-r11, s1-22-r11)."""
    liability = said(liability, "liability", _("Say what follows by law, or that it is reserved."))
    with transaction():
        stored = locked(case)
        if stored.state == CaseState.CLOSED:
            raise Refused(_("The case is closed, or unfounded."))
        records.update(case, liability=liability)


def accept_rectification(case: Case, on: date | None = None) -> None:
    """Accept that things are put right: the account may release again (s2-01-r07)."""
    on = past(on, "on")
    with transaction():
        stored = locked(case)
        may_handle(stored, me())
        if stored.stopped_on is None or stored.rectified_on is not None:
            raise Refused(_("No release is stopped by this case."))
        if Measure.select().where(Measure.case == stored, Measure.done_at.is_null()).exists():
            raise Refused(_("Measures of this case are still open."))
        records.update(case, rectified_on=max(on, stored.stopped_on))


def refer(case: Case, authority: str, on: date | None = None, **values: Any) -> Referral:
    """Hand a case over to the competent authority (s1-01-r08, s4-01-r34). `values`: receipt, file, file_name."""
    authority = said(authority, "authority", _("Name the authority."))
    with transaction():
        may_handle(locked(case), me())
        return records.create(
            Referral,
            institution=case.institution_id,
            case=case,
            authority=authority[:120],
            on=past(on, "on"),
            **values,
        )
