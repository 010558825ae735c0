"""The verbs on members: take in a list, confirm who somebody is, admit a guest, remove, add, attest."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from typing import Any

from panel.api import (
    Institution,
    Person,
    Refused,
    _,
    audit,
    files,
    fold,
    policy_of,
    records,
    today,
    transaction,
)
from plugins.groupchat.belonging import expected_in
from plugins.groupchat.choices import Match, MemberState, SourceKind, SourceState
from plugins.groupchat.groups import Alias, Attestation, Group, Member, Source
from plugins.groupchat.matching import Line, read_members
from plugins.groupchat.policy import GroupPolicy
from plugins.groupchat.report import MemberReport, compare
from plugins.groupchat.rulesets import roster_of

GONE, PRESENT, EXPECTED = (s.value for s in (MemberState.GONE, MemberState.PRESENT, MemberState.EXPECTED))


def import_members(group: Group, data: bytes, file_name: str, on: date | None = None) -> MemberReport:
    """Take in a member list as the group is now: who is new, who is out. The same list again changes nothing.

    Raises Refused for what is no list, and for a group that is closed.
    """
    on = on or today()
    lines = read_members(data)
    with transaction():
        roster = roster_of(group.institution_id, on)
        report = compare(lines, roster, expected_in(group), on)
        store_lines(group, report.lines, on)
        digest = hashlib.sha256(data).hexdigest()
        if not Source.select().where(Source.group == group, Source.digest == digest).exists():
            records.create(
                Source,
                institution=group.institution_id,
                group=group,
                kind=SourceKind.MEMBERS.value,
                file_name=file_name[:200],
                digest=digest,
                state=SourceState.DONE.value,
                messages=len(lines),
            )
    return report


def store_lines(group: Group, lines: Sequence[Line], on: date) -> None:
    """Bring the stored members in line with matched lines: who is new, who is out."""
    rows = list(Member.select().where(Member.group == group, Member.state != GONE).order_by(Member.id))
    left = {row.id: row for row in rows}
    for line in lines:
        found = _row_of(line, list(left.values()))
        values: dict[str, Any] = {"nickname": line.nickname, "app_name": line.alias, "state": PRESENT}
        if found is not None and found.match == Match.CONFIRMED and line.person is None:
            values |= {}  # what was confirmed by hand stays, whatever the list shows now
        else:
            values |= {"person": line.person, "match": line.match.value, "named": line.named}
        if found is None:
            records.create(Member, institution=group.institution_id, group=group, joined_on=on, **values)
            continue
        del left[found.id]
        if found.state == EXPECTED:
            values["joined_on"] = on
        records.update(found, **values)
    for row in left.values():
        if row.state == PRESENT:
            records.update(row, state=GONE, left_on=on)


def _row_of(line: Line, rows: Sequence[Any]) -> Any:
    """The stored row a line means: the same person, else the same nicknames; one that is expected comes last."""
    if line.person is not None:
        same = [row for row in rows if row.person_id == line.person.id]
        same.sort(key=lambda row: (row.state != PRESENT, (row.nickname, row.app_name) != (line.nickname, line.alias)))
        if same:
            return same[0]
    free = [row for row in rows if row.state == PRESENT and (row.person_id is None or line.person is None)]
    exact = [row for row in free if (row.nickname, row.app_name) == (line.nickname, line.alias)]
    return exact[0] if exact else None


def confirm_match(member: Member, person: Person) -> None:
    """Say who a member is, and learn the nickname: the next list knows it. Raises Refused for a stranger."""
    _same_institution(member.institution_id, person)
    with transaction():
        text = _learnable(member, person)
        if text:
            learn(member.institution_id, text, person)
        twin = Member.get_or_none(Member.group == member.group_id, Member.person == person, Member.state == EXPECTED)
        if twin is not None:
            records.update(twin, state=GONE, left_on=today())
        named = fold(member.nickname) == fold(person.name)
        records.update(member, person=person, match=Match.CONFIRMED.value, named=named, state=PRESENT)


def learn(institution: Institution | int, text: str, person: Person) -> Alias:
    """Remember that a nickname is a person's; said anew of somebody else, it is theirs from now on."""
    _same_institution(institution if isinstance(institution, int) else institution.id, person)
    text = text.strip()[:120]
    if not fold(text):
        raise Refused(_("A nickname has letters or figures."), "text")
    with transaction():
        known = list(Alias.select().where(Alias.institution == institution))
        found = next((alias for alias in known if fold(alias.text) == fold(text)), None)
        if found is None:
            return records.create(Alias, institution=institution, text=text, person=person)
        records.update(found, person=person)
        return found


def _learnable(member: Member, person: Person) -> str:
    """What identifies them next time: the group nickname, where it is not the real name; else that of the app."""
    if member.nickname and fold(member.nickname) != fold(person.name):
        return member.nickname
    return member.app_name if not member.nickname else ""


def admit_guest(member: Member, until: date, reason: str) -> None:
    """Let somebody stay who is on no roster, with a reason, until a day."""
    if not reason.strip():
        raise Refused(_("Give the reason."), "reason")
    if until < today():
        raise Refused(_("The day lies in the past."), "until")
    records.update(member, guest_until=until, reason=reason.strip()[:300])


def remove_member(member: Member, on: date | None = None, reason: str = "") -> None:
    """Note that somebody was removed from the group. Raises Refused where they are out already."""
    on = on or today()
    if on > today():
        raise Refused(_("%(day)s is still to come. Enter the day it happened.", day=on), "on")
    with transaction(), audit.acting(reason=reason):
        stored = Member.get_by_id(member.id)
        if stored.state != PRESENT:
            raise Refused(_("%(member)s is not in the group.", member=stored))
        records.update(member, state=GONE, left_on=on, reason=reason[:300] or stored.reason)


def add_member(member: Member, on: date | None = None) -> None:
    """Note that somebody expected was added. Raises Refused where nobody is expected."""
    on = on or today()
    with transaction():
        stored = Member.get_by_id(member.id)
        if stored.state != EXPECTED:
            raise Refused(_("%(member)s is in the group already, or not expected any more.", member=stored))
        name = stored.person.name
        records.update(member, state=PRESENT, joined_on=on, nickname=stored.nickname or name, named=True)


def attest(group: Group, person: Person | None, on: date | None = None, file: str = "", note: str = "") -> Attestation:
    """Note that the owner has looked through the members. `file` is a kept screenshot; its hash stays.

    Raises Refused without the screenshot the policy asks for, for a day to come, and twice for one day.
    """
    on = on or today()
    policy = policy_of(GroupPolicy, group.institution_id, on)
    if on > today():
        raise Refused(_("%(day)s is still to come. Enter the day it happened.", day=on), "on")
    if policy and policy.screenshot_required and not file:
        raise Refused(_("Attach a screenshot of the member list."), "file")
    with transaction():
        count = Member.select().where(Member.group == group, Member.state == PRESENT).count()
        digest = _digest(file, group.institution_id) if file else ""
        made = records.create(
            Attestation,
            institution=group.institution_id,
            group=group,
            on=on,
            person=person,
            count=count,
            file=file,
            digest=digest,
            note=note[:300],
        )
        stored = Group.get_by_id(group.id)
        if stored.attested_on is None or stored.attested_on < on:
            records.update(group, attested_on=on)
    return made


def _digest(file: str, institution_id: int) -> str:
    return hashlib.sha256(files.path_of(file, institution_id).read_bytes()).hexdigest()


def missed_days(group: Group, days: int, until: date) -> list[date]:
    """The last days, up to yesterday, on which a group that is confirmed daily was not."""
    from datetime import timedelta

    rows: Any = Attestation.select(Attestation.on).where(Attestation.group == group)
    there = {on for (on,) in rows.tuples()}
    first = max(group.opened_on, until - timedelta(days=days))
    return [d for n in range((until - first).days) if (d := first + timedelta(days=n)) not in there]


def _same_institution(institution_id: int, person: Person) -> None:
    if person.__data__["institution"] != institution_id:
        raise Refused(_("Choose a person of this institution."), "person")


def registered_lines(group: Group) -> list[Line]:
    """The members as registered, as lines of a list."""
    rows = Member.select().where(Member.group == group, Member.state == PRESENT).order_by(Member.id)
    return [Line(row.nickname, row.app_name) for row in rows]
