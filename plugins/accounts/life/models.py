"""Applications with the people, papers and things to hand in that belong to them; and the filings of an account."""

from __future__ import annotations

from peewee import SQL, BooleanField, CharField, Check, DateField, IntegerField, TextField

from panel.api import Owned, Person, RestrictedKey, Unit, User, _l
from plugins.accounts.choices import EntityKind, Level, OperatorKind
from plugins.accounts.life.choices import Event, ItemKind, Kind, PaperKind, Part, State
from plugins.accounts.models import Account, Platform


class Application(Owned):
    """Somebody applies for an account to be opened, changed, closed, or for people to be appointed to it.

    Of a change, only what is filled in is to change: null means that it stays as it is. `unit` applies; `body` is the
    hosted body that will have the account, where it cannot apply itself (s0-07-r05).
    """

    title, titles = _l("Application"), _l("Applications")
    scope_unit = "unit"
    refusals = {
        "accounts_application_running": _l("Such an application for this account is under way already."),
        "accounts_application_about": _l("An application names the account it is about; one to open has none yet."),
        "accounts_application_day": _l("Nothing is in approval without the day it was submitted on."),
    }

    kind = CharField(max_length=20, choices=Kind.pairs(), verbose_name=_l("Applies for"))
    state = CharField(max_length=20, choices=State.pairs(), default=State.DRAFT.value, verbose_name=_l("State"))
    unit = RestrictedKey(Unit, backref="applications", verbose_name=_l("Applying unit"))
    unit_id: int
    body = RestrictedKey(Unit, null=True, backref="+", verbose_name=_l("For the hosted body"))
    account = RestrictedKey(Account, null=True, backref="applications", verbose_name=_l("Account"))
    account_id: int | None
    applicant = RestrictedKey(User, null=True, backref="+", verbose_name=_l("Entered by"))
    reason = TextField(default="", verbose_name=_l("Reason"))
    necessity = TextField(default="", verbose_name=_l("Necessity for brand and business"))

    name = CharField(max_length=120, null=True, verbose_name=_l("Account name"))
    platform = RestrictedKey(Platform, null=True, backref="+", verbose_name=_l("Platform"))
    identifier = CharField(max_length=120, null=True, verbose_name=_l("Account ID"))
    level = CharField(max_length=20, choices=Level.pairs(), null=True, verbose_name=_l("Level"))
    to_unit = RestrictedKey(Unit, null=True, backref="+", verbose_name=_l("Moves to the unit"))
    purpose = TextField(null=True, verbose_name=_l("Purpose"))
    publishing_scope = CharField(max_length=200, null=True, verbose_name=_l("Publishing scope"))
    description = TextField(null=True, verbose_name=_l("Introduction on the platform"))
    responsible = RestrictedKey(Person, null=True, backref="+", verbose_name=_l("Responsible person"))
    responsible_id: int | None
    contact_phone = CharField(max_length=40, null=True, verbose_name=_l("Contact phone"))
    entity = CharField(max_length=200, null=True, verbose_name=_l("Legal entity"))
    entity_kind = CharField(max_length=20, choices=EntityKind.pairs(), null=True, verbose_name=_l("Registered to"))
    born_on = DateField(null=True, verbose_name=_l("Born on, if an individual"))
    licence = CharField(max_length=60, default="", verbose_name=_l("Licence or credit code"))
    licence_name = CharField(max_length=200, default="", verbose_name=_l("Name on the licence"))
    licence_until = DateField(null=True, verbose_name=_l("Licence valid until"))
    identity = CharField(max_length=200, default="", verbose_name=_l("How the operators' identity was checked"))
    qualifications = CharField(max_length=500, default="", verbose_name=_l("Qualifications confirmed"))
    replaces = RestrictedKey(Account, null=True, backref="+", verbose_name=_l("Is closed for it"))
    replaces_id: int | None

    declared = BooleanField(default=False, verbose_name=_l("Declared true and complete"))
    name_accepted = CharField(max_length=120, default="")  # the name that the reviewer looked at and let stand
    identity_accepted = CharField(max_length=410, default="")  # legal entity and name on the licence, found to be one
    submitted_on = DateField(null=True, verbose_name=_l("Submitted on"))
    decided_on = DateField(null=True, verbose_name=_l("Decided on"))

    class Meta:
        indexes = ((("institution", "state"), False),)
        constraints = [
            Check(Kind.sql("kind"), name="accounts_application_kind"),
            Check(State.sql("state"), name="accounts_application_state"),
            Check(f"level IS NULL OR {Level.sql('level')}", name="accounts_application_level"),
            Check(f"entity_kind IS NULL OR {EntityKind.sql('entity_kind')}", name="accounts_application_entity"),
            Check("kind = 'opening' OR account_id IS NOT NULL", name="accounts_application_about"),
            Check("state IN ('draft', 'dropped') OR submitted_on IS NOT NULL", name="accounts_application_day"),
        ]

    def __str__(self) -> str:
        about = self.account if self.account_id else self.name or self.unit
        return f"{Kind(self.kind).label} · {about}"


Application.add_index(
    Application.index(
        Application.account,
        Application.kind,
        unique=True,
        where=SQL("state IN ('waiting', 'approved') AND kind <> 'opening'"),
        name="accounts_application_running",
    )
)


class Nominee(Owned):
    """Somebody whom an application names for an account, or whose term it ends."""

    title, titles = _l("Person named"), _l("People named")
    scope_parent = "application"
    refusals = {"application,person,part": _l("This person is named already.")}

    application = RestrictedKey(Application, backref="nominees", verbose_name=_l("Application"))
    person = RestrictedKey(Person, backref="+", verbose_name=_l("Person"))
    person_id: int
    part = CharField(max_length=20, choices=Part.pairs(), default=Part.OPERATOR.value, verbose_name=_l("As"))
    kind = CharField(
        max_length=20, choices=OperatorKind.pairs(), default=OperatorKind.LONG.value, verbose_name=_l("Kind")
    )
    leaves = BooleanField(default=False, verbose_name=_l("Ends"))

    class Meta:
        indexes = ((("application", "person", "part"), True),)
        constraints = [
            Check(Part.sql("part"), name="accounts_nominee_part"),
            Check(OperatorKind.sql("kind"), name="accounts_nominee_kind"),
        ]

    def __str__(self) -> str:
        return str(self.person)


class Paper(Owned):
    """A paper attached to an application."""

    title, titles = _l("Paper"), _l("Papers")
    scope_parent = "application"

    application = RestrictedKey(Application, backref="papers", verbose_name=_l("Application"))
    kind = CharField(max_length=20, choices=PaperKind.pairs(), verbose_name=_l("Kind"))
    file = CharField(max_length=80)
    file_name = CharField(max_length=200, verbose_name=_l("File"))

    class Meta:
        constraints = [Check(PaperKind.sql("kind"), name="accounts_paper_kind")]

    def __str__(self) -> str:
        return self.file_name


class HandIn(Owned):
    """What has to be handed in before an account counts as closed; ticked off with evidence."""

    title, titles = _l("Thing to hand in"), _l("Things to hand in")
    scope_parent = "application"
    refusals = {"accounts_hand_in_evidence": _l("Say what shows it, or attach a paper.")}

    application = RestrictedKey(Application, backref="hand_ins", verbose_name=_l("Application"))
    kind = CharField(max_length=20, choices=ItemKind.pairs(), verbose_name=_l("Kind"))
    what = CharField(max_length=200, default="", verbose_name=_l("What"))
    row_id = IntegerField(null=True)  # of the device or the envelope
    due_on = DateField(verbose_name=_l("Due on"))
    done_on = DateField(null=True, verbose_name=_l("Handed in on"))
    note = CharField(max_length=500, default="", verbose_name=_l("Evidence"))
    file = CharField(max_length=80, default="")
    file_name = CharField(max_length=200, default="")

    class Meta:
        constraints = [
            Check(ItemKind.sql("kind"), name="accounts_hand_in_kind"),
            Check("done_on IS NULL OR note <> '' OR file <> ''", name="accounts_hand_in_evidence"),
        ]

    def __str__(self) -> str:
        label = str(ItemKind(self.kind).label)
        return f"{label}：{self.what}" if self.what else label


class FilingRecord(Owned):
    """One filing (备案): done, with its day; or owed to an office, without."""

    title, titles = _l("Filing"), _l("Filings")
    scope_parent = "account"
    refusals = {"institution,year,serial": _l("This filing number was given in the same moment. Try again.")}

    account = RestrictedKey(Account, backref="filings", verbose_name=_l("Account"))
    event = CharField(max_length=20, choices=Event.pairs(), verbose_name=_l("Occasion"))
    application = RestrictedKey(Application, null=True, backref="filings", verbose_name=_l("Application"))
    office = RestrictedKey(Unit, null=True, backref="+", verbose_name=_l("Filed with"))
    text = CharField(max_length=300, default="", verbose_name=_l("What"))
    owed_on = DateField(verbose_name=_l("To be filed by"))
    filed_on = DateField(null=True, verbose_name=_l("Filed on"))
    number = CharField(max_length=80, default="", verbose_name=_l("Filing number"))
    year = IntegerField(null=True)
    serial = IntegerField(null=True)
    note = CharField(max_length=300, default="", verbose_name=_l("Note"))

    class Meta:
        indexes = ((("institution", "year", "serial"), True),)
        constraints = [Check(Event.sql("event"), name="accounts_filing_record_event")]

    def __str__(self) -> str:
        return f"{self.account} · {Event(self.event).label}"
