"""The verbs on groups: register, change, hand over, close; what is required; what the log keeps."""

from __future__ import annotations

from datetime import date
from typing import Any

from panel.api import (
    Institution,
    Person,
    PersonKind,
    Refused,
    Unit,
    _,
    approval_of,
    approvals_govern,
    audit,
    current,
    records,
    submit_for_approval,
    today,
    transaction,
    utcnow,
)
from plugins.groupchat.choices import GroupKind, GroupState, LogKind
from plugins.groupchat.groups import Group, OwnerTerm, Reach
from plugins.groupchat.permissions import GroupchatPermission as P
from plugins.groupchat.posts import LogEntry

OPENING = "groupchat.opening"
STAFF_GROUPS = (GroupKind.STAFF, GroupKind.DEPARTMENT, GroupKind.TEACHERS, GroupKind.PROJECT)


def open_group(values: dict[str, Any]) -> Group:
    """Register a group. Without a word on who belongs, a group of staff is for the staff of its unit.

    `values`: institution, unit, name, kind and any other column. Raises Refused without a purpose, and where a unit
    would register a group past the chain that decides about its opening (s1-23-r02).
    """
    values = {
        **values,
        "name": str(values.get("name") or "").strip(),
        "purpose": str(values.get("purpose") or "").strip(),
    }
    if not values["purpose"]:
        raise Refused(_("Say what the group is for."), "purpose")
    asked = values.get("state") == GroupState.REQUESTED
    if asked and not str(values.get("overlap") or "").strip():
        raise Refused(_("Say which groups it overlaps with; “none” is an answer, too."), "overlap")
    if not asked:
        _not_past_the_chain(values["unit"].__data__["institution"])
    _fit_owner(values)
    with transaction():
        group = records.create(Group, **values)
        if group.kind in STAFF_GROUPS:
            whole = group.kind == GroupKind.STAFF
            unit = _root(group.institution_id) if whole else group.unit
            records.create(Reach, institution=group.institution_id, group=group, unit=unit, kind=PersonKind.STAFF.value)
        if group.owner is not None:
            _begin_term(group, group.owner, taken_over=False)
        if asked:
            submit_for_approval(group, OPENING)
    return group


def _not_past_the_chain(institution_id: int) -> None:
    """What is there already is taken in by whoever keeps all groups; units ask first where a chain decides."""
    identity = current()
    if identity and identity.reach(P.GROUP_EDIT) is not None and approvals_govern(institution_id, OPENING):
        raise Refused(_("A new group is asked for first: choose “Requested”."), "state")


def ask_again(group: Group, note: str = "") -> None:
    """Ask anew for a group whose request came back or became void. Raises Refused while one waits, or none is due."""
    with transaction():
        stored = Group.get_by_id(group.id)
        request = approval_of(stored, OPENING)
        if stored.state != GroupState.REQUESTED or (request is not None and request.state == "waiting"):
            raise Refused(_("There is nothing to ask for: the group is open, shut, or waits for a decision already."))
        submit_for_approval(stored, OPENING, note.strip())


def _root(institution_id: int) -> Unit:
    root: Unit = Unit.get(Unit.institution == institution_id, Unit.parent.is_null())
    return root


def _fit_owner(values: dict[str, Any]) -> None:
    owner, unit = values.get("owner"), values.get("unit")
    if owner is None:
        return
    if unit is not None and owner.__data__["institution"] != unit.__data__["institution"]:
        raise Refused(_("Choose a person of this institution."), "owner")
    if not owner.in_service():
        raise Refused(_("%(person)s is not in service and cannot take anything over.", person=owner), "owner")


def change_group(group: Group, expected_version: int | None, values: dict[str, Any]) -> None:
    """Change what the register says. Another owner is a handover; see `hand_over`."""
    values = {name: value for name, value in values.items() if name != "state"}
    owner = values.pop("owner", group.owner)
    if "purpose" in values and not str(values["purpose"] or "").strip():
        raise Refused(_("Say what the group is for."), "purpose")
    with transaction():
        stored = Group.get_by_id(group.id)
        if stored.state == GroupState.CLOSED:
            raise Refused(_("The group is closed."))
        if values:
            records.update(group, expected_version, **values)
        if (owner.id if owner else None) != stored.owner_id:
            if owner is None:
                leave_without_owner(group)
            else:
                hand_over(group, owner)


def hand_over(group: Group, successor: Person, note: str = "", on: date | None = None) -> None:
    """Pass the group to its next owner, who then cleans the list up (s1-23-r11, s1-23-r12).

    Raises Refused for who is not in service here, and where they own it already.
    """
    on = on or today()
    with transaction(), audit.acting(reason=note):
        stored = Group.get_by_id(group.id)
        _fit_owner({"owner": successor, "unit": stored.unit})
        if stored.owner_id == successor.id:
            raise Refused(_("%(person)s owns the group already.", person=successor), "owner")
        _end_term(group, on)
        records.update(group, owner=successor, owner_left=False)
        _begin_term(group, successor, taken_over=stored.owner_id is not None or _had_owner(group), note=note)


def _had_owner(group: Group) -> bool:
    return bool(OwnerTerm.select().where(OwnerTerm.group == group, ~OwnerTerm.deputy).exists())


def leave_without_owner(group: Group, note: str = "") -> None:
    """End the owner's term without a successor: a finding until somebody is named."""
    with transaction(), audit.acting(reason=note):
        _end_term(group, today())
        records.update(group, owner=None)


def _begin_term(group: Group, person: Person, taken_over: bool, note: str = "") -> OwnerTerm:
    return records.create(
        OwnerTerm,
        institution=group.institution_id,
        group=group,
        person=person,
        since=today(),
        taken_over=taken_over,
        note=note[:300],
    )


def _end_term(group: Group, on: date) -> None:
    for term in OwnerTerm.select().where(OwnerTerm.group == group, OwnerTerm.until.is_null(), ~OwnerTerm.deputy):
        records.update(term, until=max(on, term.since))


def name_deputy(group: Group, person: Person, note: str = "") -> OwnerTerm:
    """Name a deputy of the owner."""
    _fit_owner({"owner": person, "unit": group.unit})
    with transaction():
        there = OwnerTerm.select().where(
            OwnerTerm.group == group, OwnerTerm.person == person, OwnerTerm.until.is_null()
        )
        if there.exists():
            raise Refused(_("%(person)s owns the group or stands in already.", person=person), "person")
        return records.create(
            OwnerTerm, institution=group.institution_id, group=group, person=person, deputy=True, note=note[:300]
        )


def end_deputy(term: OwnerTerm, note: str = "") -> None:
    """End a deputy's term."""
    with transaction(), audit.acting(reason=note):
        if term.until is not None or not term.deputy:
            raise Refused(_("This term has ended already."))
        records.update(term, until=today())


def clean_up(term: OwnerTerm, on: date | None = None, note: str = "") -> None:
    """Note that the new owner has cleaned the member list up. Raises Refused while leavers are still in it."""
    from plugins.groupchat.groups import Member

    gone = (
        Member.select(Member, Person)
        .join(Person)
        .where(Member.group == term.group_id, Member.state == "present", Person.in_service_until < today())
    )
    with transaction():
        if rest := list(gone):
            names = "、".join(str(member.person) for member in rest[:5])
            raise Refused(_("Remove who has left first: %(names)s", names=names))
        records.update(term, cleaned_on=on or today(), note=note[:300] or term.note)


def close_group(group: Group, on: date | None = None, reason: str = "") -> None:
    """Close a group: it stays in the archive. Raises Refused without a reason."""
    if not reason.strip():
        raise Refused(_("Give the reason."), "reason")
    on = on or today()
    with transaction(), audit.acting(reason=reason):
        stored = Group.get_by_id(group.id)
        if stored.state == GroupState.CLOSED:
            raise Refused(_("The group is closed."))
        _end_term(group, on)
        records.update(group, state=GroupState.CLOSED.value, closed_on=on)
        note(group, LogKind.NOTE, _("Closed: %(reason)s", reason=reason))


def extend_group(group: Group, until: date, reason: str) -> None:
    """Let a group go on past its end date, with a reason."""
    if not reason.strip():
        raise Refused(_("Give the reason."), "reason")
    if until <= max(today(), group.ends_on or today()):
        raise Refused(_("The new date lies after the one before."), "until")
    with transaction(), audit.acting(reason=reason):
        records.update(group, ends_on=until)


def note(
    group: Group,
    kind: LogKind | str,
    text: str,
    person: Person | None = None,
    printed: bool = False,
    file: str = "",
    file_name: str = "",
) -> LogEntry:
    """Write into the group's log: a topic ended, advice given, an article forwarded, material filed (s1-23-r07)."""
    if not text.strip():
        raise Refused(_("Say what happened."), "text")
    return records.create(
        LogEntry,
        institution=group.institution_id,
        group=group,
        kind=str(kind),
        text=text.strip()[:300],
        person=person,
        at=utcnow(),
        printed=printed,
        file=file,
        file_name=file_name,
    )


def me() -> Person | None:
    """The person at work here; None in a job or at the command line."""
    identity = current()
    return identity.user.person if identity is not None and identity.user is not None else None


def find_group(institution: Institution, name: str) -> Group:
    """A group by its name or number. Raises Refused where there is none."""
    query = Group.select().where(Group.institution == institution)
    found: Any = query.where(Group.name == name).order_by(Group.state).first()
    if found is None and name.isdecimal():
        found = query.where(Group.id == int(name)).first()
    if found is None:
        raise Refused(_("There is no group %(name)s.", name=name))
    return found
