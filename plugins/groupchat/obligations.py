"""What falls due in groups: who is to be added or removed, clean-ups, confirmations, answers, corrections, duty."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from peewee import fn

from panel.api import (
    AT_ONCE,
    SHORT,
    Due,
    Every,
    Evidence,
    Institution,
    ObligationKind,
    Person,
    Refused,
    Terms,
    Unit,
    _,
    _l,
    exists,
    policy_of,
    today,
)
from plugins.groupchat import services
from plugins.groupchat.choices import GroupKind, GroupState, LogKind, MemberState
from plugins.groupchat.duties import acknowledge, correct, duty, explanation, remind, summons
from plugins.groupchat.groups import Group, Member, OwnerTerm, RequiredGroup, Term
from plugins.groupchat.policy import GroupPolicy
from plugins.groupchat.posts import LogEntry

__all__ = [
    "acknowledge",
    "add",
    "article",
    "attest",
    "cleanup",
    "correct",
    "duty",
    "ending",
    "explanation",
    "remind",
    "remove",
    "required",
    "summons",
    "vacancy",
]
ACTIVE = GroupState.ACTIVE


def _policy(institution_id: int) -> GroupPolicy:
    return policy_of(GroupPolicy, institution_id, today()) or GroupPolicy()


def _policy_days(name: str) -> Any:
    def interval(institution: Institution) -> Every | None:
        days = getattr(_policy(institution.id), name)
        return Every(days=days) if days else None

    return interval


# ── members ────────────────────────────────────────────────────────────────────────────────────


def _members(state: MemberState) -> Any:
    def rows(institution: Institution) -> Any:
        return (
            Member.select(Member, Group, Person)
            .join(Group)
            .switch(Member)
            .join(Person, "LEFT JOIN")
            .where(Member.institution == institution, Member.state == state, Group.state == ACTIVE)
        )

    return rows


def _member_ids(row: Any) -> list[int]:
    """The memberships of a person, or in a group."""
    which = Member.person == row if isinstance(row, Person) else Member.group == row
    return [m.id for m in Member.select(Member.id).where(which)]


def _named(member: Member) -> str:
    return f"{member.person or member} · {member.group}"


def _remove(member: Member, terms: Terms) -> Due | None:
    """Who leaves, from the day it is known on; who is on no roster, at once."""
    group = member.group
    if member.person is None:
        stays = member.guest_until is not None and member.guest_until >= today()
        if stays or not _policy(member.institution_id).own_people_only:
            return None
        on = member.joined_on or today()
    elif member.person.in_service_until is None:
        return None
    else:
        on = member.person.in_service_until
    return Due(on=on, unit=group.unit_id, person=group.owner_id, text=_named(member))


def _add(member: Member, terms: Terms) -> Due | None:
    on = member.created_at.date()
    return Due(on=on, unit=member.group.unit_id, person=member.group.owner_id, text=_named(member), fixed=True)


remove = ObligationKind(
    name="groupchat.remove",
    title=_l("Remove from the group"),
    model=Member,
    rows=_members(MemberState.PRESENT),
    due=_remove,
    met=lambda member: member.left_on,
    done=lambda member, evidence: services.remove_member(member, evidence.on, evidence.note),
    also=(Person, Group),
    ids=_member_ids,
    plan=AT_ONCE,
    rules=("s1-23-r03", "s1-14-r12"),
    help=_l("Out on leaving; whoever is on no roster, at once."),
)
add = ObligationKind(
    name="groupchat.add",
    title=_l("Add to the group"),
    model=Member,
    rows=_members(MemberState.EXPECTED),
    due=_add,
    met=lambda member: member.joined_on if member.state == MemberState.PRESENT else None,
    done=lambda member, evidence: services.add_member(member, evidence.on),
    also=(Person, Group),
    ids=_member_ids,
    plan=AT_ONCE,
    rules=("s1-23-r03",),
    help=_l("In on taking the post."),
)


# ── groups ─────────────────────────────────────────────────────────────────────────────────────


def _groups(institution: Institution) -> Any:
    return Group.select().where(Group.institution == institution, Group.state == ACTIVE)


def _attest(group: Group, terms: Terms) -> Due | None:
    every = Every(days=group.attest_days) if group.attest_days else terms.every
    if not every:
        return None
    on = every.after(group.attested_on or group.opened_on)
    return Due(on=on, unit=group.unit_id, person=group.owner_id, anchor=group.attested_on or "", recurs=every)


def _attested(group: Group, evidence: Evidence) -> None:
    services.attest(group, group.owner, evidence.on, evidence.file, evidence.note)


def _ending(group: Group, terms: Terms) -> Due | None:
    if group.ends_on is None:
        return None
    return Due(on=group.ends_on, unit=group.unit_id, person=group.owner_id)


def _on_the_page(_row: Any, _evidence: Evidence) -> None:
    raise Refused(_("Do this on the group's page; it then ends by itself."))


def _vacancy(group: Group, terms: Terms) -> Due | None:
    if group.owner_id is not None and not group.owner_left:
        return None
    return Due(on=today(), unit=group.unit_id, fixed=True)


def _terms(institution: Institution) -> Any:
    return (
        OwnerTerm.select(OwnerTerm, Group)
        .join(Group)
        .where(OwnerTerm.institution == institution, OwnerTerm.until.is_null(), Group.state == ACTIVE)
    )


def _cleanup(term: Any, terms: Terms) -> Due | None:
    if not term.taken_over or term.cleaned_on is not None:
        return None
    days = _policy(term.institution_id).cleanup_days
    if days is None:
        return None
    on = term.since + timedelta(days=days)
    return Due(on=on, unit=term.group.unit_id, person=term.person_id, text=str(term.group))


def _articles(institution: Institution) -> Any:
    last = LogEntry.select(fn.MAX(LogEntry.at)).where(
        LogEntry.group == OwnerTerm.group, LogEntry.kind == LogKind.ARTICLE.value
    )
    return (
        OwnerTerm.select(OwnerTerm, Group, last.alias("article_at"))
        .join(Group)
        .where(
            OwnerTerm.institution == institution,
            OwnerTerm.until.is_null(),
            Group.state == ACTIVE,
            Group.kind == GroupKind.PARENTS,
        )
    )


def _article(term: Any, terms: Terms) -> Due | None:
    if not terms.every:
        return None
    at = LogEntry.at.python_value(term.article_at)
    last = at.astimezone(ZoneInfo(term.institution.time_zone)).date() if at else None
    on = terms.every.after(last or term.since)
    return Due(on=on, unit=term.group.unit_id, person=term.person_id, anchor=last or "", text=str(term.group))


def _forwarded(term: OwnerTerm, evidence: Evidence) -> None:
    services.note(term.group, LogKind.ARTICLE, evidence.note, term.person)


def _term_ids(row: Any) -> list[int]:
    group = row.id if isinstance(row, Group) else row.__data__["group"]
    return [t.id for t in OwnerTerm.select(OwnerTerm.id).where(OwnerTerm.group == group)]


attest = ObligationKind(
    name="groupchat.attest",
    title=_l("Confirm the members"),
    model=Group,
    rows=_groups,
    due=_attest,
    done=_attested,
    interval=_policy_days("attest_days"),
    plan=SHORT,
    rules=("s1-13-r04", "s1-14-r12"),
    help=_l("The owner looks through the list; each group may have an interval of its own."),
)
ending = ObligationKind(
    name="groupchat.ending",
    title=_l("Close or extend the group"),
    model=Group,
    rows=_groups,
    due=_ending,
    done=_on_the_page,
    plan=SHORT,
    rules=("s1-23-r02",),
)
vacancy = ObligationKind(
    name="groupchat.vacancy",
    title=_l("Hand the group over"),
    model=Group,
    rows=_groups,
    due=_vacancy,
    met=lambda group: group.updated_at if group.owner_id else None,
    done=_on_the_page,
    plan=AT_ONCE,
    rules=("s1-23-r11", "s1-13-r03"),
    help=_l("From the day a group has no owner until somebody is named."),
)
cleanup = ObligationKind(
    name="groupchat.cleanup",
    title=_l("Clean the member list up"),
    model=OwnerTerm,
    rows=_terms,
    due=_cleanup,
    met=lambda term: term.cleaned_on,
    done=lambda term, evidence: services.clean_up(term, evidence.on, evidence.note),
    also=(Group,),
    ids=_term_ids,
    plan=AT_ONCE,
    rules=("s1-23-r12",),
    help=_l("Whoever takes a group over looks through all of its members."),
)
article = ObligationKind(
    name="groupchat.article",
    title=_l("Forward an article"),
    model=OwnerTerm,
    rows=_articles,
    due=_article,
    done=_forwarded,
    also=(Group, LogEntry),
    ids=_term_ids,
    interval=_policy_days("article_days"),
    plan=SHORT,
    asks=("note",),
    rules=("s1-15-r02",),
    help=_l("In parents' groups, by the owner and their deputies; the note says which."),
)


# ── what is required ───────────────────────────────────────────────────────────────────────────


def _lacking(institution: Institution) -> Any:
    """Units without a group that is required of their kind."""
    query = Unit.select().where(Unit.institution == institution, Unit.archived_at.is_null())
    conditions = None
    for required in RequiredGroup.select().where(RequiredGroup.institution == institution):
        has = exists(Group, Group.unit == Unit.id, Group.kind == required.kind, Group.state != GroupState.CLOSED)
        lacks = (Unit.kind == required.unit_kind) & ~has
        conditions = lacks if conditions is None else conditions | lacks
    return query.where(Unit.id.in_([]) if conditions is None else conditions)


def _required(unit: Unit, terms: Terms) -> Due | None:
    institution = unit.institution_id
    term = (
        Term.select().where(Term.institution == institution, Term.ends_on >= today()).order_by(Term.starts_on).first()
    )
    wanted = RequiredGroup.select().where(
        RequiredGroup.institution == institution, RequiredGroup.unit_kind == unit.kind
    )
    held = {g.kind for g in Group.select(Group.kind).where(Group.unit == unit, Group.state != GroupState.CLOSED)}
    open_ones = sorted((r for r in wanted if r.kind not in held), key=lambda r: r.days)
    if term is None or not open_ones:
        return None
    head = Person.select().where(Person.unit == unit, Person.leads_unit).order_by(Person.id).first()
    on = term.starts_on + timedelta(days=open_ones[0].days)
    kind = GroupKind(open_ones[0].kind).label
    return Due(on=on, unit=unit.id, person=head, text=f"{unit} · {kind} · {term}")


def _unit_ids(row: Any) -> list[int]:
    if isinstance(row, Group):
        return [row.unit_id]
    if isinstance(row, Person):
        return [row.unit_id]
    return [u.id for u in Unit.select(Unit.id).where(Unit.institution == row.institution_id)]


required = ObligationKind(
    name="groupchat.required",
    title=_l("Open the required group"),
    model=Unit,
    rows=_lacking,
    due=_required,
    done=lambda unit, evidence: _register_first(),
    also=(Group, Term, RequiredGroup, Person),
    ids=_unit_ids,
    plan=SHORT,
    rules=("s1-23-r08",),
    help=_l("So many days after a term begins; by the head of the unit."),
)


def _register_first() -> None:
    raise Refused(_("Enter the group in the register; this then ends by itself."))
