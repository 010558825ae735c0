"""The tables of groups: what is required, who owns them, who belongs and who is in them, what was imported."""

from __future__ import annotations

from peewee import SQL, BooleanField, CharField, Check, DateField, IntegerField, JSONField, TextField

from panel.api import (
    Channel,
    Owned,
    Person,
    PersonKind,
    RestrictedKey,
    Unit,
    UnitKind,
    UtcDateTimeField,
    _l,
    today,
)
from plugins.groupchat.choices import (
    App,
    GroupKind,
    GroupState,
    Match,
    MemberState,
    SourceKind,
    SourceState,
)


class Term(Owned):
    """A school term: required groups are counted from its start."""

    title, titles = _l("Term"), _l("Terms")
    refusals = {
        "institution,name": _l("There is a term of this name already."),
        "groupchat_term_dates": _l("A term ends after it begins."),
    }

    name = CharField(max_length=60, verbose_name=_l("Name"))
    starts_on = DateField(verbose_name=_l("Begins on"))
    ends_on = DateField(verbose_name=_l("Ends on"))

    class Meta:
        indexes = ((("institution", "name"), True),)
        constraints = [Check("ends_on >= starts_on", name="groupchat_term_dates")]

    def __str__(self) -> str:
        return self.name


class RequiredGroup(Owned):
    """That each unit of a kind has a group of its own, so many days after a term begins."""

    title, titles = _l("Required group"), _l("Required groups")
    preset_key = ("unit_kind", "kind")
    refusals = {
        "institution,unit_kind,kind": _l("This is required already."),
        "groupchat_required_group_days": _l("Days are a whole number from 0 to 365."),
    }

    unit_kind = CharField(
        max_length=20, choices=UnitKind.pairs(), default=UnitKind.GRADE.value, verbose_name=_l("Each unit of kind")
    )
    kind = CharField(
        max_length=20, choices=GroupKind.pairs(), default=GroupKind.CLASS.value, verbose_name=_l("Has a group of kind")
    )
    days = IntegerField(default=7, verbose_name=_l("Days after the term begins"))

    class Meta:
        indexes = ((("institution", "unit_kind", "kind"), True),)
        constraints = [
            Check(UnitKind.sql("unit_kind"), name="groupchat_required_group_unit_kind"),
            Check(GroupKind.sql("kind"), name="groupchat_required_group_kind"),
            Check("days BETWEEN 0 AND 365", name="groupchat_required_group_days"),
        ]

    def __str__(self) -> str:
        return f"{UnitKind(self.unit_kind).label} · {GroupKind(self.kind).label}"


class Group(Owned):
    """A chat group: what for, who owns it, until when."""

    title, titles = _l("Group"), _l("Groups")
    scope_unit = "unit"
    refusals = {
        "groupchat_group_name": _l("There is a group of this name in use already."),
        "groupchat_group_closed": _l("A closed group has the day it was closed, and only a closed one."),
        "groupchat_group_owned": _l("A group ends after it was opened."),
    }

    unit = RestrictedKey(Unit, backref="+", verbose_name=_l("Kept by"))
    unit_id: int
    name = CharField(max_length=80, verbose_name=_l("Name"))
    kind = CharField(max_length=20, choices=GroupKind.pairs(), verbose_name=_l("Kind"))
    app = CharField(max_length=20, choices=App.pairs(), default=App.WECHAT.value, verbose_name=_l("App"))
    purpose = TextField(default="", verbose_name=_l("Purpose"))
    announcement = TextField(default="", verbose_name=_l("Announcement"))
    sensitive = BooleanField(default=False, verbose_name=_l("Sensitive matters"))
    overlap = TextField(default="", verbose_name=_l("Overlap with other groups"))
    state = CharField(
        max_length=20, choices=GroupState.pairs(), default=GroupState.ACTIVE.value, verbose_name=_l("State")
    )
    owner = RestrictedKey(Person, null=True, backref="groups", verbose_name=_l("Owner"))
    owner_id: int | None
    term = RestrictedKey(Term, null=True, backref="groups", verbose_name=_l("Term"))
    opened_on = DateField(default=today, verbose_name=_l("Opened on"))
    ends_on = DateField(null=True, verbose_name=_l("Ends on"))
    closed_on = DateField(null=True, verbose_name=_l("Closed on"))
    qr = CharField(max_length=80, default="", verbose_name=_l("QR code"))
    external_id = CharField(max_length=100, default="", verbose_name=_l("Chat id in WeCom"))
    owner_left = BooleanField(default=False, verbose_name=_l("WeCom says the owner has left"))
    channel = RestrictedKey(Channel, null=True, backref="+", verbose_name=_l("Robot of the group"))
    attest_days = IntegerField(null=True, verbose_name=_l("Members are confirmed every (days)"))
    attested_on = DateField(null=True, verbose_name=_l("Members confirmed on"))

    class Meta:
        indexes = ((("institution", "state"), False), (("unit", "kind"), False))
        constraints = [
            Check(GroupKind.sql("kind"), name="groupchat_group_kind"),
            Check(App.sql("app"), name="groupchat_group_app"),
            Check(GroupState.sql("state"), name="groupchat_group_state"),
            Check("(state = 'closed') = (closed_on IS NOT NULL)", name="groupchat_group_closed"),
            Check("ends_on IS NULL OR ends_on >= opened_on", name="groupchat_group_owned"),
            Check("attest_days IS NULL OR attest_days BETWEEN 1 AND 366", name="groupchat_group_attest"),
        ]

    def __str__(self) -> str:
        return self.name


Group.add_index(
    Group.index(Group.institution, Group.name, unique=True, where=SQL("state <> 'closed'"), name="groupchat_group_name")
)


class Reach(Owned):
    """Who belongs in a group: the people of a unit, of a kind, in a post. A person who fits one of these belongs."""

    title, titles = _l("Who belongs"), _l("Who belongs")
    scope_parent = "group"

    group = RestrictedKey(Group, backref="reaches", verbose_name=_l("Group"))
    group_id: int
    unit = RestrictedKey(Unit, null=True, backref="+", verbose_name=_l("Of the unit"))
    kind = CharField(max_length=20, choices=PersonKind.pairs(), default="", verbose_name=_l("Kind of person"))
    post = CharField(max_length=80, default="", verbose_name=_l("In the post"))

    def __str__(self) -> str:
        kind = PersonKind(self.kind).label if self.kind else ""
        return " · ".join(str(part) for part in (self.unit, kind, self.post) if part) or str(_l("Everybody"))


class OwnerTerm(Owned):
    """Since when somebody owns a group. Whoever takes it over cleans its list up."""

    title, titles = _l("Owner's term"), _l("Owners' terms")
    scope_parent = "group"

    group = RestrictedKey(Group, backref="terms", verbose_name=_l("Group"))
    group_id: int
    person = RestrictedKey(Person, backref="+", verbose_name=_l("Owner"))
    person_id: int
    deputy = BooleanField(default=False, verbose_name=_l("Deputy"))
    taken_over = BooleanField(default=False, verbose_name=_l("Taken over"))
    since = DateField(default=today, verbose_name=_l("Since"))
    until = DateField(null=True, verbose_name=_l("Until"))
    cleaned_on = DateField(null=True, verbose_name=_l("List cleaned up on"))
    note = CharField(max_length=300, default="", verbose_name=_l("Note"))

    class Meta:
        constraints = [Check("until IS NULL OR until >= since", name="groupchat_owner_term_dates")]

    def __str__(self) -> str:
        return str(self.person)


OwnerTerm.add_index(
    OwnerTerm.index(
        OwnerTerm.group, unique=True, where=SQL("until IS NULL AND NOT deputy"), name="groupchat_owner_term_one"
    )
)


class Member(Owned):
    """Somebody in a group, or to be added: the nickname it shows, and the person behind it."""

    title, titles = _l("Member"), _l("Members")
    called = "nickname"
    scope_parent = "group"

    group = RestrictedKey(Group, backref="members", verbose_name=_l("Group"))
    group_id: int
    person = RestrictedKey(Person, null=True, backref="memberships", verbose_name=_l("Person"))
    person_id: int | None
    nickname = CharField(max_length=120, default="", verbose_name=_l("Nickname in the group"))
    app_name = CharField(max_length=120, default="", verbose_name=_l("Nickname in the app"))
    state = CharField(
        max_length=20, choices=MemberState.pairs(), default=MemberState.PRESENT.value, verbose_name=_l("State")
    )
    match = CharField(max_length=20, choices=Match.pairs(), default=Match.NONE.value, verbose_name=_l("Matched"))
    named = BooleanField(default=False, verbose_name=_l("Real name"))
    joined_on = DateField(null=True, verbose_name=_l("Joined on"))
    left_on = DateField(null=True, verbose_name=_l("Out since"))
    guest_until = DateField(null=True, verbose_name=_l("Guest until"))
    reason = CharField(max_length=300, default="", verbose_name=_l("Reason"))

    class Meta:
        indexes = ((("group", "state"), False), (("person", "state"), False))
        constraints = [
            Check(MemberState.sql("state"), name="groupchat_member_state"),
            Check(Match.sql("match"), name="groupchat_member_match"),
            Check("(state = 'gone') = (left_on IS NOT NULL)", name="groupchat_member_left"),
            Check("state <> 'expected' OR person_id IS NOT NULL", name="groupchat_member_expected"),
        ]

    def __str__(self) -> str:
        return self.nickname or self.app_name or str(self.person)


Member.add_index(
    Member.index(Member.group, Member.person, unique=True, where=SQL("state = 'expected'"), name="groupchat_member_one")
)


class Alias(Owned):
    """A nickname known to be a person's, learned from a confirmed match."""

    title, titles = _l("Alias"), _l("Aliases")
    called = "text"
    refusals = {"institution,text": _l("This nickname is known already.")}

    text = CharField(max_length=120, verbose_name=_l("Nickname"))
    person = RestrictedKey(Person, backref="+", verbose_name=_l("Person"))

    class Meta:
        indexes = ((("institution", "text"), True),)

    def __str__(self) -> str:
        return self.text


class Attestation(Owned):
    """That the owner looked through the member list on a day; its screenshot is known by its hash."""

    title, titles = _l("Confirmation of members"), _l("Confirmations of members")
    scope_parent = "group"
    refusals = {"group,on": _l("The members were confirmed on this day already.")}

    group = RestrictedKey(Group, backref="attestations", verbose_name=_l("Group"))
    on = DateField(default=today, column_name="attested_on", verbose_name=_l("On the day"))
    person = RestrictedKey(Person, null=True, backref="+", verbose_name=_l("By"))
    count = IntegerField(default=0, verbose_name=_l("Members"))
    file = CharField(max_length=80, default="", verbose_name=_l("Screenshot"))
    digest = CharField(max_length=64, default="", verbose_name=_l("SHA-256"))
    note = CharField(max_length=300, default="", verbose_name=_l("Note"))

    class Meta:
        indexes = ((("group", "on"), True),)

    def __str__(self) -> str:
        return f"{self.group} {self.on}"


class Source(Owned):
    """An imported file: a member list or a chat record. The same file counts once."""

    title, titles = _l("Import"), _l("Imports")
    called = "file_name"
    scope_parent = "group"
    derived = ("state", "run_id", "messages", "counts", "first_at", "last_at", "error", "file", "purged_on")
    refusals = {"group,digest": _l("This file has been imported already.")}

    group = RestrictedKey(Group, backref="sources", verbose_name=_l("Group"))
    group_id: int
    kind = CharField(max_length=20, choices=SourceKind.pairs(), verbose_name=_l("What"))
    file_name = CharField(max_length=200, verbose_name=_l("File"))
    digest = CharField(max_length=64, verbose_name=_l("SHA-256"))
    file = CharField(max_length=80, default="")  # empty once the raw text is deleted
    state = CharField(
        max_length=20, choices=SourceState.pairs(), default=SourceState.WAITING.value, verbose_name=_l("State")
    )
    run_id = IntegerField(null=True)
    messages = IntegerField(default=0, verbose_name=_l("Messages"))
    counts = JSONField(default=dict)  # what was found, by kind; what could not be read
    first_at = UtcDateTimeField(null=True, verbose_name=_l("First message"))
    last_at = UtcDateTimeField(null=True, verbose_name=_l("Last message"))
    error = CharField(max_length=300, default="", verbose_name=_l("Failure"))
    purged_on = DateField(null=True, verbose_name=_l("Raw text deleted on"))

    class Meta:
        indexes = ((("group", "digest"), True),)
        constraints = [
            Check(SourceKind.sql("kind"), name="groupchat_source_kind"),
            Check(SourceState.sql("state"), name="groupchat_source_state"),
        ]

    def __str__(self) -> str:
        return self.file_name
