"""The checks over groups and members; each cites the rules it enforces."""

from __future__ import annotations

from typing import Any

from panel.api import Mend, Person, Severity, Unit, _l, breaking, check, days_before, exists, listed
from plugins.groupchat.choices import GroupKind, GroupState, MemberState
from plugins.groupchat.groups import Group, Member, OwnerTerm, Reach
from plugins.groupchat.policy import GroupPolicy

EDIT = Mend(_l("Edit the group"), "groupchat_group.edit_view")
OPEN = Mend(_l("Open the group"), "groupchat_group.details_view", anchor="members")
MEMBER = Mend(_l("Open the member"), "groupchat_member.details_view")


def _used(group: Any) -> Any:
    return group.state == GroupState.ACTIVE.value


def _owner_of(touched: Any) -> Any:
    return Group.select(Group.id).where(Group.owner.in_(touched.ids))


def _owner(group: Any, *where: Any) -> Any:
    return exists(Person, Person.id == group.owner, *where)


def _name(group: Any) -> Any:
    return Person.select(Person.name).where(Person.id == group.owner)


@check(
    "groupchat.no_owner",
    subject=Group,
    severity=Severity.ERROR,
    rules=("s1-13-r03", "s1-14-r11"),
    title=_l("The group has no owner"),
    message=_l("Nobody owns the group"),
    advice=_l("Name the head of the unit, or whom they choose."),
    mend=EDIT,
    at_save=False,
)
def no_owner(group: Any, _policy: Any, _day: Any) -> Any:
    return breaking(group, _used(group) & group.owner.is_null())


@check(
    "groupchat.owner_left",
    subject=Group,
    severity=Severity.ERROR,
    rules=("s1-23-r11",),
    watches={Person: _owner_of},
    title=_l("The group's owner has left"),
    message=_l("%(name)s, who owns the group, is no longer in service"),
    advice=_l("Hand the group over."),
    mend=EDIT,
    at_save=False,
)
def owner_left(group: Any, _policy: Any, day: Any) -> Any:
    return breaking(group, _used(group) & _owner(group, Person.in_service_until < day), name=_name(group))


@check(
    "groupchat.owner_left_wecom",
    subject=Group,
    severity=Severity.ERROR,
    rules=("s1-23-r11",),
    title=_l("WeCom says that the owner has left"),
    message=_l("In WeCom the group's owner has left, and nobody has taken it over"),
    advice=_l("Hand the group over in WeCom's console, then here."),
    mend=EDIT,
    at_save=False,
)
def owner_left_wecom(group: Any, _policy: Any, _day: Any) -> Any:
    return breaking(group, _used(group) & group.owner_left)


@check(
    "groupchat.wrong_owner",
    subject=Group,
    policy=GroupPolicy,
    parameters=("parents_owner_post",),
    rules=("s1-15-r01",),
    watches={Person: _owner_of},
    title=_l("A parents' group has another owner than laid down"),
    message=_l("%(name)s, who owns the group, is not: %(post)s"),
    advice=_l("Hand the group to the chair of the committee."),
    mend=EDIT,
    at_save=False,
)
def wrong_owner(group: Any, policy: Any, _day: Any) -> Any:
    post = policy.parents_owner_post
    other = _owner(group, Person.post != post)
    parents = group.kind == GroupKind.PARENTS.value
    return breaking(group, _used(group) & parents & (post != "") & other, name=_name(group), post=post)


@check(
    "groupchat.no_end_date",
    subject=Group,
    policy=GroupPolicy,
    parameters=("end_date_required",),
    rules=("s1-23-r02",),
    title=_l("The group has no end date"),
    message=_l("No end date"),
    advice=_l("Enter until when the group is needed."),
    mend=EDIT,
    at_save=False,
)
def no_end_date(group: Any, policy: Any, _day: Any) -> Any:
    return breaking(group, _used(group) & policy.end_date_required & group.ends_on.is_null())


@check(
    "groupchat.past_end",
    subject=Group,
    rules=("s1-23-r02",),
    title=_l("The group is past its end date"),
    message=_l("Was to end on %(day)s"),
    advice=_l("Close the group, or extend it with a reason."),
    mend=Mend(_l("Open the group"), "groupchat_group.details_view"),
    at_save=False,
)
def past_end(group: Any, _policy: Any, day: Any) -> Any:
    return breaking(group, _used(group) & (group.ends_on < day), day=group.ends_on)


def _expected(group: Any) -> Any:
    rows = Member.select(Person.name.alias("text")).join_from(Member, Person)
    return rows.where(Member.group == group.id, Member.state == MemberState.EXPECTED.value).order_by(Member.id)


@check(
    "groupchat.missing",
    subject=Group,
    rules=("s1-23-r03",),
    watches={Member: "group", Person: lambda touched: _groups_of_people(touched)},
    title=_l("People who belong are not in the group"),
    message=_l("Not in the group: %(names)s"),
    advice=_l("Add them; then tick it off, or take in the new list."),
    mend=OPEN,
    measure="names",
    at_save=False,
)
def missing(group: Any, _policy: Any, _day: Any) -> Any:
    there = exists(Member, Member.group == group.id, Member.state == MemberState.EXPECTED.value)
    return breaking(group, _used(group) & there, names=listed(_expected(group)))


def _groups_of_people(touched: Any) -> Any:
    return Member.select(Member.group).where(Member.person.in_(touched.ids))


# ── members ────────────────────────────────────────────────────────────────────────────────────


def _of_people(touched: Any) -> Any:
    return Member.select(Member.id).where(Member.person.in_(touched.ids))


def _of_groups(touched: Any) -> Any:
    return Member.select(Member.id).where(Member.group.in_(touched.ids))


def _present(member: Any, day: Any) -> Any:
    used = exists(Group, Group.id == member.group, Group.state == GroupState.ACTIVE.value)
    guest = member.guest_until.is_null() | (member.guest_until < day)
    return (member.state == MemberState.PRESENT.value) & used & guest


def _shown(member: Any) -> Any:
    return Member.select(Member.nickname).where(Member.id == member.id)


@check(
    "groupchat.outsider",
    subject=Member,
    policy=GroupPolicy,
    parameters=("own_people_only",),
    severity=Severity.ERROR,
    rules=("s1-14-r01", "s1-23-r03"),
    watches={Group: _of_groups},
    title=_l("Somebody in the group is on no roster"),
    message=_l("%(name)s %(app)s is on no roster"),
    advice=_l("Say who it is, admit a guest, or remove them."),
    mend=MEMBER,
    at_save=False,
)
def outsider(member: Any, policy: Any, day: Any) -> Any:
    where = _present(member, day) & member.person.is_null() & policy.own_people_only
    return breaking(member, where, name=member.nickname, app=member.app_name)


@check(
    "groupchat.leaver",
    subject=Member,
    severity=Severity.ERROR,
    rules=("s1-23-r03", "s1-14-r12"),
    watches={Group: _of_groups, Person: _of_people},
    title=_l("Somebody in the group has left"),
    message=_l("%(name)s left on %(day)s"),
    advice=_l("Remove them from the group."),
    mend=MEMBER,
    at_save=False,
)
def leaver(member: Any, _policy: Any, day: Any) -> Any:
    gone = exists(Person, Person.id == member.person, Person.in_service_until < day)
    name = Person.select(Person.name).where(Person.id == member.person)
    last = Person.select(Person.in_service_until).where(Person.id == member.person)
    return breaking(member, _present(member, day) & gone, name=name, day=last)


@check(
    "groupchat.not_real_name",
    subject=Member,
    policy=GroupPolicy,
    parameters=("real_names",),
    rules=("s1-14-r02",),
    watches={Group: _of_groups, Person: _of_people},
    title=_l("A member does not use the real name"),
    message=_l("%(name)s appears as “%(shown)s”"),
    advice=_l("Ask for the real name as nickname in the group."),
    mend=MEMBER,
    at_save=False,
)
def not_real_name(member: Any, policy: Any, day: Any) -> Any:
    here = exists(
        Person, Person.id == member.person, Person.in_service_until.is_null() | (Person.in_service_until >= day)
    )
    name = Person.select(Person.name).where(Person.id == member.person)
    where = _present(member, day) & here & (~member.named) & policy.real_names
    return breaking(member, where, name=name, shown=member.nickname)


def _fitting(member: Any) -> Any:
    """The rows that say who belongs, of which the member's person fits one."""
    person, unit, above = Person.alias(), Unit.alias(), Unit.alias()
    return (
        Reach.select()
        .join(person, on=(person.id == member.person))
        .join(unit, on=(unit.id == person.unit))
        .switch(Reach)
        .join(above, "LEFT JOIN", on=(above.id == Reach.unit))
        .where(
            Reach.group == member.group,
            Reach.unit.is_null() | unit.path.startswith(above.path),
            (Reach.kind == "") | (Reach.kind == person.kind),
            (Reach.post == "") | (Reach.post == person.post),
        )
    )


WHO_BELONGS = {
    Group: _of_groups,
    Person: _of_people,
    Reach: lambda touched: Member.select(Member.id).where(Member.group.in_(touched.values("group"))),
    Unit: lambda touched: Member.select(Member.id).join(Person).where(Person.unit.in_(touched.ids)),
}


@check(
    "groupchat.post_elsewhere",
    subject=Member,
    rules=("s1-23-r03",),
    watches=WHO_BELONGS,
    title=_l("A member has no post that belongs in the group"),
    message=_l("%(name)s belongs to none of those the group is for"),
    advice=_l("Remove them, or say that they belong."),
    mend=MEMBER,
    at_save=False,
)
def post_elsewhere(member: Any, _policy: Any, day: Any) -> Any:
    meant = exists(Reach, Reach.group == member.group)
    fits = exists(_fitting(member))
    here = exists(
        Person, Person.id == member.person, Person.in_service_until.is_null() | (Person.in_service_until >= day)
    )
    name = Person.select(Person.name).where(Person.id == member.person)
    return breaking(member, _present(member, day) & here & meant & (~fits), name=name)


@check(
    "groupchat.sensitive_outsider",
    subject=Member,
    rules=("s1-08-r11",),
    watches=WHO_BELONGS,
    title=_l("Somebody from outside in a group for sensitive matters"),
    message=_l("%(name)s is in a group for sensitive matters and on no list of its people"),
    advice=_l("Remove them, or say that they belong."),
    mend=MEMBER,
)
def sensitive_outsider(member: Any, _policy: Any, day: Any) -> Any:
    sensitive = exists(Group, Group.id == member.group, Group.sensitive)
    outside = member.person.is_null() | ~exists(_fitting(member))
    return breaking(member, _present(member, day) & sensitive & outside, name=member.nickname)


@check(
    "groupchat.not_cleaned",
    subject=Group,
    policy=GroupPolicy,
    parameters=("cleanup_days",),
    rules=("s1-23-r12",),
    watches={OwnerTerm: "group"},
    title=_l("The new owner has not cleaned the list up"),
    message=_l("Taken over, and the members not yet looked through"),
    advice=_l("Tick the clean-up off."),
    mend=OPEN,
    at_save=False,
)
def not_cleaned(group: Any, policy: Any, day: Any) -> Any:
    owed = exists(
        OwnerTerm,
        OwnerTerm.group == group.id,
        OwnerTerm.until.is_null(),
        OwnerTerm.taken_over,
        OwnerTerm.cleaned_on.is_null(),
        OwnerTerm.since < days_before(day, policy.cleanup_days),
    )
    return breaking(group, _used(group) & policy.cleanup_days.is_null(False) & owed)
