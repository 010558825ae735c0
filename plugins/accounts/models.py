"""The account register: platforms, accounts, and everybody and everything an account passes through."""

from __future__ import annotations

from datetime import date
from typing import Any

from peewee import SQL, BooleanField, CharField, Check, DateField, IntegerField, TextField

from panel.api import Owned, Person, PersonalText, RestrictedKey, Unit, _l, today
from plugins.accounts.choices import (
    CHANGES,
    Certification,
    DeviceKind,
    EntityKind,
    Filing,
    Icon,
    Level,
    OperatorKind,
    Status,
    Way,
)


def _at_least(name: str, least: int, *columns: str) -> Any:
    return Check(" AND ".join(f"({c} IS NULL OR {c} >= {least})" for c in columns), name=name)


def _term(table: str) -> Any:
    return Check("until IS NULL OR until >= since", name=f"{table}_term")


class Platform(Owned):
    """Where accounts live. What the platform allows is data: empty means it sets no limit."""

    title, titles = _l("Platform"), _l("Platforms")
    refusals = {
        "institution,name": _l("There is already a platform of this name."),
        "accounts_platform_limits": _l("A limit is a whole number from 0 up."),
        "accounts_platform_months": _l("A term lasts at least one month."),
    }

    code = CharField(max_length=40, default="")  # set on the shipped ones
    name = CharField(max_length=60, verbose_name=_l("Name"))
    family = CharField(max_length=40, verbose_name=_l("Family"))
    icon = CharField(max_length=40, choices=Icon.pairs(), default=Icon.SITE.value, verbose_name=_l("Icon"))
    synonyms = CharField(max_length=500, default="", verbose_name=_l("Also called"))  # between them 、
    certifies = BooleanField(default=False, verbose_name=_l("Verifies accounts"))
    max_administrators = IntegerField(null=True, verbose_name=_l("Administrators, at most"))
    max_long_term = IntegerField(null=True, verbose_name=_l("Long-term operators, at most"))
    max_short_term = IntegerField(null=True, verbose_name=_l("Short-term operators, at most"))
    short_term_months = IntegerField(null=True, verbose_name=_l("Short-term operators lapse after (months)"))
    position = IntegerField(default=100, verbose_name=_l("Order"))

    class Meta:
        indexes = ((("institution", "name"), True),)
        constraints = [
            Check(Icon.sql("icon"), name="accounts_platform_icon"),
            _at_least("accounts_platform_limits", 0, "max_administrators", "max_long_term", "max_short_term"),
            _at_least("accounts_platform_months", 1, "short_term_months"),
        ]

    def __str__(self) -> str:
        return self.name

    def limit(self, kind: str) -> int | None:
        """How many operators of a kind the platform allows on one account (None: no limit)."""
        names = {"administrator": "max_administrators", "long": "max_long_term", "short": "max_short_term"}
        allowed: int | None = getattr(self, names[kind])
        return allowed


class Account(Owned):
    """A public account of the institution.

    `register_key` is what makes two rows one account: the platform's family and the folded ID, `wechat:sfdx_youth`;
    null while the ID is not known. `password_due_on` is the day from which a new password is owed (null: none is).
    """

    title, titles = _l("Account"), _l("Accounts")
    verbs = {"contacts_shown": _l("looked at the bound phone and mailbox")}
    scope_unit = "unit"
    refusals = {
        "institution,register_key": _l("An account with this ID on this platform is already in the register."),
        "accounts_account_closed": _l("A closed account has the day it was closed on; no other has."),
        "accounts_account_followers": _l("The number of followers is a whole number from 0 up."),
    }

    name = CharField(max_length=120, verbose_name=_l("Account name"))
    platform = RestrictedKey(Platform, backref="accounts", verbose_name=_l("Platform"))
    identifier = CharField(max_length=120, default="", verbose_name=_l("Account ID"))
    register_key = CharField(max_length=200, null=True)
    entity = CharField(max_length=200, default="", verbose_name=_l("Legal entity"))
    entity_kind = CharField(
        max_length=20,
        choices=EntityKind.pairs(),
        default=EntityKind.ORGANISATION.value,
        verbose_name=_l("Registered to"),
    )
    level = CharField(max_length=20, choices=Level.pairs(), null=True, verbose_name=_l("Level"))
    unit = RestrictedKey(Unit, backref="accounts", verbose_name=_l("Unit"))
    body = RestrictedKey(Unit, null=True, backref="+", verbose_name=_l("For the hosted body"))
    responsible = RestrictedKey(
        Person, null=True, backref="accounts_answered_for", verbose_name=_l("Responsible person")
    )
    responsible_id: int | None
    status = CharField(max_length=20, choices=Status.pairs(), default=Status.PENDING.value, verbose_name=_l("Status"))
    purpose = TextField(default="", verbose_name=_l("Purpose"))
    publishing_scope = CharField(max_length=200, default="", verbose_name=_l("Publishing scope"))
    description = TextField(default="", verbose_name=_l("Introduction on the platform"))
    opened_on = DateField(null=True, verbose_name=_l("Opened on"))
    closed_on = DateField(null=True, verbose_name=_l("Closed on"))
    certification = CharField(max_length=20, choices=Certification.pairs(), null=True, verbose_name=_l("Verified as"))
    certified_until = DateField(null=True, verbose_name=_l("Verified until"))
    filing = CharField(max_length=20, choices=Filing.pairs(), default=Filing.UNFILED.value, verbose_name=_l("Filing"))
    filing_number = CharField(max_length=80, default="", verbose_name=_l("Filing number"))
    filed_on = DateField(null=True, verbose_name=_l("Filed on"))
    changed_on = DateField(null=True, verbose_name=_l("Data to be filed last changed on"))
    published_on = DateField(null=True, verbose_name=_l("Last published on"))
    followers = IntegerField(null=True, verbose_name=_l("Followers"))
    followers_on = DateField(null=True, verbose_name=_l("Followers counted on"))
    contact_phone = CharField(max_length=40, default="", verbose_name=_l("Contact phone"))
    bound_phone = PersonalText(max_length=40, default="", verbose_name=_l("Bound phone"))
    bound_phone_owner = RestrictedKey(
        Person, null=True, backref="accounts_by_phone", verbose_name=_l("Whose phone it is")
    )
    bound_email = PersonalText(max_length=120, default="", verbose_name=_l("Bound e-mail"))
    bound_email_owner = RestrictedKey(
        Person, null=True, backref="accounts_by_email", verbose_name=_l("Whose mailbox it is")
    )
    password_changed_on = DateField(null=True, verbose_name=_l("Password last changed on"))
    password_due_on = DateField(null=True, verbose_name=_l("New password owed since"))
    qr_code = CharField(max_length=80, default="", verbose_name=_l("QR code"))
    note = TextField(default="", verbose_name=_l("Note"))

    class Meta:
        indexes = (
            (("institution", "register_key"), True),
            (("institution", "status"), False),  # the list by state
            (("institution", "certified_until"), False),  # what lapses next
            (("institution", "name"), False),  # the list by name, and matching rows without an ID
        )
        constraints = [
            Check(Status.sql("status"), name="accounts_account_status"),
            Check(Filing.sql("filing"), name="accounts_account_filing"),
            Check(f"level IS NULL OR {Level.sql('level')}", name="accounts_account_level"),
            Check(EntityKind.sql("entity_kind"), name="accounts_account_entity_kind"),
            Check(
                f"certification IS NULL OR {Certification.sql('certification')}", name="accounts_account_certification"
            ),
            Check("(status = 'closed') = (closed_on IS NOT NULL)", name="accounts_account_closed"),
            Check("(identifier = '') = (register_key IS NULL)", name="accounts_account_key"),
            _at_least("accounts_account_followers", 0, "followers"),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def in_score(cls, row: Any) -> Any:
        """Which accounts (of the model or an alias) the compliance score is about."""
        return row.status != Status.CLOSED.value

    def next_statuses(self) -> list[Status]:
        """What the status may be changed to from here, itself first."""
        here = Status(self.status)
        return [here, *(s for s in Status if s in CHANGES[here])]


class FormerName(Owned):
    """A name the account bore until it was renamed."""

    title, titles = _l("Former name"), _l("Former names")
    scope_parent = "account"

    account = RestrictedKey(Account, backref="former_names", verbose_name=_l("Account"))
    name = CharField(max_length=120, verbose_name=_l("Name"))
    until = DateField(verbose_name=_l("Until"))

    def __str__(self) -> str:
        return self.name


class Operator(Owned):
    """Somebody who runs the account at the platform. A short term lapses by itself on `lapses_on`."""

    title, titles = _l("Operator"), _l("Operators")
    scope_parent = "account"
    refusals = {
        "accounts_operator_open": _l("This person already is an operator of this account."),
        "accounts_operator_term": _l("A term cannot end before it begins."),
    }

    account = RestrictedKey(Account, backref="operator_terms", verbose_name=_l("Account"))
    person = RestrictedKey(Person, backref="accounts_operated", verbose_name=_l("Person"))
    person_id: int
    kind = CharField(
        max_length=20, choices=OperatorKind.pairs(), default=OperatorKind.LONG.value, verbose_name=_l("Kind")
    )
    since = DateField(default=today, verbose_name=_l("Since"))
    until = DateField(null=True, verbose_name=_l("Until"))
    lapses_on = DateField(null=True, verbose_name=_l("Lapses on"))
    note = CharField(max_length=200, default="", verbose_name=_l("Note"))
    qualifications = CharField(max_length=500, default="", verbose_name=_l("Qualifications confirmed"))  # one a line

    class Meta:
        constraints = [Check(OperatorKind.sql("kind"), name="accounts_operator_kind"), _term("accounts_operator")]

    def __str__(self) -> str:
        return f"{self.person} · {OperatorKind(self.kind).label}"


Operator.add_index(
    Operator.index(
        Operator.account,
        Operator.person,
        unique=True,
        where=SQL("until IS NULL"),
        name="accounts_operator_open",
    )
)
Operator.add_index(
    # What the daily lapse looks for.
    Operator.index(
        Operator.institution, Operator.lapses_on, where=SQL("until IS NULL"), name="accounts_operator_lapsing"
    )
)


class Custodian(Owned):
    """Somebody who knows the password (密码保管人), from when until when."""

    title, titles = _l("Password custodian"), _l("Password custodians")
    scope_parent = "account"
    refusals = {
        "accounts_custodian_open": _l("This person already keeps the password of this account."),
        "accounts_custodian_term": _l("A term cannot end before it begins."),
    }

    account = RestrictedKey(Account, backref="custodian_terms", verbose_name=_l("Account"))
    person = RestrictedKey(Person, backref="passwords_kept", verbose_name=_l("Person"))
    person_id: int
    since = DateField(default=today, verbose_name=_l("Since"))
    until = DateField(null=True, verbose_name=_l("Until"))
    way = CharField(max_length=20, choices=Way.pairs(), default=Way.IN_PERSON.value, verbose_name=_l("Handed over"))
    undertaking_on = DateField(null=True, verbose_name=_l("Confidentiality undertaking signed on"))
    note = CharField(max_length=200, default="", verbose_name=_l("Note"))

    class Meta:
        constraints = [Check(Way.sql("way"), name="accounts_custodian_way"), _term("accounts_custodian")]

    def __str__(self) -> str:
        return str(self.person)


Custodian.add_index(
    Custodian.index(
        Custodian.account, Custodian.person, unique=True, where=SQL("until IS NULL"), name="accounts_custodian_open"
    )
)


class SealedCopy(Owned):
    """An envelope with user name and password (密封存档, s3-03-r21). One is in force: `retired_on` is null."""

    title, titles = _l("Sealed copy"), _l("Sealed copies")
    scope_parent = "account"
    refusals = {
        "accounts_sealed_copy_current": _l("Another sealed copy of this account is in force."),
        "accounts_sealed_copy_days": _l("An envelope cannot be opened or retired before it was sealed."),
    }

    account = RestrictedKey(Account, backref="sealed_copies", verbose_name=_l("Account"))
    number = CharField(max_length=60, default="", verbose_name=_l("Number"))
    place = CharField(max_length=120, verbose_name=_l("Place"))
    sealed_on = DateField(default=today, verbose_name=_l("Sealed on"))
    sealed_by = RestrictedKey(Person, backref="copies_sealed", verbose_name=_l("Sealed by"))
    keeper = RestrictedKey(Person, null=True, backref="copies_kept", verbose_name=_l("Kept by"))
    opened_on = DateField(null=True, verbose_name=_l("Envelope opened on"))
    opened_by = RestrictedKey(Person, null=True, backref="copies_opened", verbose_name=_l("Opened by"))
    opened_for = CharField(max_length=200, default="", verbose_name=_l("Opened because"))
    retired_on = DateField(null=True, verbose_name=_l("Retired on"))

    class Meta:
        constraints = [
            Check(
                "(opened_on IS NULL OR opened_on >= sealed_on) AND (retired_on IS NULL OR retired_on >= sealed_on)",
                name="accounts_sealed_copy_days",
            ),
            Check("(opened_on IS NULL) = (opened_by_id IS NULL)", name="accounts_sealed_copy_opened"),
        ]

    def __str__(self) -> str:
        return f"{self.place} {self.number}".strip()


SealedCopy.add_index(
    SealedCopy.index(
        SealedCopy.account, unique=True, where=SQL("retired_on IS NULL"), name="accounts_sealed_copy_current"
    )
)


class Handover(Owned):
    """The password passed from one person to another, before a witness."""

    title, titles = _l("Handover"), _l("Handovers")
    scope_parent = "account"
    refusals = {
        "accounts_handover_people": _l("Who leaves, who takes over and who witnesses are three different people."),
    }

    account = RestrictedKey(Account, backref="handovers", verbose_name=_l("Account"))
    leaving = RestrictedKey(Person, backref="handovers_given", verbose_name=_l("Leaves"))
    taking = RestrictedKey(Person, backref="handovers_taken", verbose_name=_l("Takes over"))
    witness = RestrictedKey(Person, null=True, backref="handovers_witnessed", verbose_name=_l("Witness"))
    on = DateField(default=today, column_name="handed_on", verbose_name=_l("Handed over on"))
    way = CharField(max_length=20, choices=Way.pairs(), default=Way.IN_PERSON.value, verbose_name=_l("How"))
    password_changed_on = DateField(null=True, verbose_name=_l("New password set on"))
    sealed_copy = RestrictedKey(SealedCopy, null=True, backref="handovers", verbose_name=_l("Sealed copy"))
    note = CharField(max_length=500, default="", verbose_name=_l("Note"))

    class Meta:
        constraints = [
            Check(Way.sql("way"), name="accounts_handover_way"),
            Check(
                "leaving_id <> taking_id"
                " AND (witness_id IS NULL OR (witness_id <> leaving_id AND witness_id <> taking_id))",
                name="accounts_handover_people",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.leaving} → {self.taking}"


class PasswordChange(Owned):
    """The password was changed. The password itself is never stored here."""

    title, titles = _l("Password change"), _l("Password changes")
    scope_parent = "account"

    account = RestrictedKey(Account, backref="password_changes", verbose_name=_l("Account"))
    on = DateField(default=today, column_name="changed_on", verbose_name=_l("Changed on"))
    person = RestrictedKey(Person, null=True, backref="passwords_changed", verbose_name=_l("Changed by"))
    asked_by = RestrictedKey(Person, null=True, backref="+", verbose_name=_l("Asked for by"))  # s2-07-r10
    why = CharField(max_length=200, default="", verbose_name=_l("Why"))

    def __str__(self) -> str:
        return self.on.isoformat()


class Device(Owned):
    """A device the account may be run from (s0-05-r08, s4-01-r25)."""

    title, titles = _l("Device"), _l("Devices")
    scope_parent = "account"
    refusals = {"accounts_device_term": _l("A device cannot be withdrawn before it was allowed.")}

    account = RestrictedKey(Account, backref="devices", verbose_name=_l("Account"))
    kind = CharField(
        max_length=20, choices=DeviceKind.pairs(), default=DeviceKind.DESKTOP.value, verbose_name=_l("Kind")
    )
    label = CharField(max_length=80, verbose_name=_l("Designation"))
    serial = CharField(max_length=80, default="", verbose_name=_l("Serial or asset number"))
    person = RestrictedKey(Person, null=True, backref="devices_kept", verbose_name=_l("Kept by"))
    since = DateField(default=today, verbose_name=_l("Since"))
    until = DateField(null=True, verbose_name=_l("Until"))
    checked_on = DateField(null=True, verbose_name=_l("Last virus check"))

    class Meta:
        constraints = [Check(DeviceKind.sql("kind"), name="accounts_device_kind"), _term("accounts_device")]

    def __str__(self) -> str:
        return self.label


def days_left(day: date | None) -> int | None:
    """Days from today to `day`; negative once it has passed."""
    return None if day is None else (day - today()).days
