"""The verbs on cases: report, confirm, dismiss, take the steps, close. Nothing follows from a hit without a person."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from panel.api import Refused, _, audit, policy_of, records, today, transaction, utcnow
from plugins.groupchat.choices import CaseState, LogKind, MemberState, Sanction
from plugins.groupchat.groups import Group, Member
from plugins.groupchat.policy import GroupPolicy, SanctionRule
from plugins.groupchat.posts import Case
from plugins.groupchat.register import me, note

STEPS = ("stopped_at", "criticised_at", "deleted_at", "corrected_at")  # 制止、批评、责令删除、改错


def report_case(values: dict[str, Any]) -> Case:
    """Enter a post somebody reports. `values`: group, kind, sender and any of person, target, text, posts, minutes, at.

    Raises Refused without a name.
    """
    group, person = values["group"], values.get("person")
    sender = (values.get("sender") or "").strip() or (str(person) if person else "")
    if not sender:
        raise Refused(_("Say who posted it."), "sender")
    values = {**values, "sender": sender, "institution": group.institution_id}
    return records.create(Case, **{name: value for name, value in values.items() if value is not None})


def sanctions_for(case: Case) -> list[Sanction]:
    """What the institution offers for a case of this kind: what it laid down, else everything."""
    rows: Any = SanctionRule.select(SanctionRule.sanction).where(
        SanctionRule.institution == case.institution_id, SanctionRule.kind == case.kind
    )
    laid = {sanction for (sanction,) in rows.tuples()}
    return [s for s in Sanction if s.value in laid] if laid else list(Sanction)


def confirm(case: Case, sanction: Sanction | str, serious: bool = False, text: str = "") -> None:
    """Decide that a case is one, and what follows. Removal strikes the member from the list (s1-23-r06).

    Raises Refused for a decision that is not offered for this kind, and where it is decided already.
    """
    sanction = Sanction(sanction)
    with transaction(), audit.acting(reason=text):
        _open(case)
        if sanction not in sanctions_for(case):
            raise Refused(_("For a case of this kind this is not offered."), "sanction")
        records.update(
            case,
            state=CaseState.CONFIRMED.value,
            sanction=sanction.value,
            serious=serious,
            note=text,
            decided_by=me(),
            decided_at=utcnow(),
        )
        if sanction == Sanction.ADVICE:
            note(case.group, LogKind.ADVICE, text or _("Advice to %(person)s", person=case.sender), me())
        if sanction == Sanction.REMOVAL:
            _strike(case)


def dismiss(case: Case, text: str) -> None:
    """Decide that it is none. Raises Refused without a reason."""
    if not text.strip():
        raise Refused(_("Give the reason."), "note")
    with transaction(), audit.acting(reason=text):
        _open(case)
        records.update(case, state=CaseState.DISMISSED.value, note=text, decided_by=me(), decided_at=utcnow())


def take_steps(case: Case, names: list[str], reported_to: str = "") -> None:
    """Note the time of steps taken: stopped, criticised, deletion ordered, corrected; and which superior was told."""
    with transaction():
        stored = Case.get_by_id(case.id)
        if stored.state != CaseState.CONFIRMED:
            raise Refused(_("Steps belong to a confirmed case."))
        values: dict[str, Any] = {n: utcnow() for n in names if n in STEPS and getattr(stored, n) is None}
        if reported_to.strip():
            values["reported_to"] = reported_to.strip()[:120]
        records.update(case, None, **values)


def close(case: Case) -> None:
    """Close a confirmed case once each step has its time (s1-23-r05). Raises Refused naming what is missing."""
    with transaction():
        stored = Case.get_by_id(case.id)
        if stored.state != CaseState.CONFIRMED:
            raise Refused(_("Only a confirmed case is closed."))
        missing = [str(Case._meta.fields[n].verbose_name) for n in STEPS if getattr(stored, n) is None]
        if missing:
            raise Refused(_("These steps have no time yet: %(steps)s", steps="、".join(missing)))
        policy = policy_of(GroupPolicy, case.institution_id, today())
        if policy and policy.report_required and not stored.reported_to:
            raise Refused(_("Say first which superior was told."))
        records.update(case, state=CaseState.CLOSED.value)


def _open(case: Case) -> None:
    if Case.get_by_id(case.id).state != CaseState.OPEN:
        raise Refused(_("This case is decided already."))


def _strike(case: Case) -> None:
    """Out of the list, with the day and the case."""
    query = Member.select().where(Member.group == case.group_id, Member.state == MemberState.PRESENT)
    mine = [m for m in query if (case.person_id and m.person_id == case.person_id) or str(m) == case.sender]
    for member in mine:
        reason = _("Case %(number)s: %(case)s", number=case.id, case=case)[:300]
        records.update(member, state=MemberState.GONE.value, left_on=today(), reason=reason)


def counts(group: Group, days: int = 90, until: date | None = None) -> dict[str, int]:
    """How many cases of each kind a group had, dismissed ones left out."""
    since = utcnow() - timedelta(days=days)
    found: dict[str, int] = {}
    for case in Case.select(Case.kind).where(Case.group == group, Case.at >= since, Case.state != CaseState.DISMISSED):
        found[case.kind] = found.get(case.kind, 0) + 1
    return found
