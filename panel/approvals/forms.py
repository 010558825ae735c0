"""The forms of deciding, delegating, and of a chain with its steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wtforms import BooleanField, FileField, HiddenField, SelectField

from panel.access.identity import asking
from panel.access.models import Role, User
from panel.access.proof import ProofField
from panel.admin.fields import DayField, LineField, ProseField, RefField, Required, WholeField
from panel.admin.forms import RecordForm
from panel.approvals import conditions
from panel.approvals.declare import Subject, all_subjects
from panel.approvals.models import Act, ChainStep, Of, Who
from panel.i18n import _, _l
from panel.org.models import Person, Unit

TESTS = (("is", _l("is one of")), ("not", _l("is none of")), ("least", _l("is at least")), ("most", _l("is at most")))


class SignerField(RefField):
    """Somebody of the institution who can sign, whatever unit they are of: found by the name one knows them by."""

    def offer(self) -> Any:
        signers = User.select(User.person).where(User.institution == asking().institution, User.active)
        return Person.select().where(Person.institution == asking().institution, Person.id.in_(signers))


class DecideForm(RecordForm):
    """What a signer says."""

    opinion = ProseField(_l("Opinion"))
    proof = ProofField()

    def __init__(self, *given: Any, asks_proof: bool = False, **options: Any) -> None:
        super().__init__(*given, **options)
        if not asks_proof:
            del self.proof


class ManyForm(RecordForm):
    """One opinion for several."""

    opinion = ProseField(_l("Opinion"))


class ReasonForm(RecordForm):
    """Why a request is taken back."""

    reason = ProseField(_l("Reason"), most=500)


class PassForm(RecordForm):
    """Who signs one step in one's place."""

    receiver = SignerField(_l("Who signs"), Person, [Required()])
    ends_on = DayField(_l("Last day"), description=_l("Empty: as long as the step waits."))
    note = LineField(_l("Note"), most=300)


class AskForm(RecordForm):
    """Whose signature is asked for besides."""

    person = SignerField(_l("Who signs besides"), Person, [Required()])
    note = LineField(_l("What they are asked for"), [Required()], most=100)


class DelegationForm(RecordForm):
    """Who signs for whom, from when to when."""

    giver = RefField(_l("On behalf of"), Person, description=_l("Empty: for you."))
    receiver = SignerField(_l("Who signs"), Person, [Required()])
    subject = SelectField(_l("Decides about"), choices=())
    begins_on = DayField(_l("First day"), [Required()])
    ends_on = DayField(_l("Last day"), description=_l("Empty: until you end it."))
    note = LineField(_l("Note"), most=300)

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self.subject.choices = [("", _("everything")), *subject_choices()]


class TemplateForm(RecordForm):
    """The institution's own Word form."""

    subject = SelectField(_l("Decides about"), [Required()], choices=())
    file = FileField(_l("Word file (.docx)"))

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self.subject.choices = subject_choices()


class ImportForm(RecordForm):
    """Chains of another institution, or of a preset."""

    text = ProseField(_l("TOML"), most=200_000)
    file = FileField(_l("or a file"))


def subject_choices() -> list[tuple[str, str]]:
    """The subjects of the plugins that are on here."""
    from panel.access.identity import system
    from panel.runtime import runtime

    identity, registry = system(asking().institution), runtime().registry
    return [
        (s.name, str(s.title)) for s in all_subjects().values() if s.area not in registry or identity.plugin_on(s.area)
    ]


# ── chains ─────────────────────────────────────────────────────────────────────────────────────


class ConditionForm(RecordForm):
    """One condition: a field, a test, values with commas between them."""

    field = SelectField(_l("Field"), choices=())
    test = SelectField(_l("Test"), choices=TESTS)
    value = LineField(_l("Values"), most=300)

    def __init__(self, *given: Any, subject: Subject | None = None, **options: Any) -> None:
        super().__init__(*given, **options)
        self.subject = subject
        self.field.choices = [("", "—"), *((f.name, str(f.title)) for f in (subject.fields if subject else ()))]

    def show(self, condition: Mapping[str, Any]) -> None:
        """Fill in a condition, its values by their labels."""
        test = next(t for t in conditions.TESTS if t in condition)
        given = condition[test]
        field = self.subject.field(str(condition["field"])) if self.subject else None
        labels = {value: str(label) for value, label in field.choices} if field else {}
        values = given if isinstance(given, list) else [given]
        self.set("field", condition["field"])
        self.set("test", test)
        self.set("value", "、".join(labels.get(str(v), str(v)) for v in values))

    def condition(self) -> dict[str, Any] | None:
        """The condition as typed; None for an empty row."""
        name = self.field.data
        if not name:
            return None
        field = self.subject.field(name) if self.subject else None
        by_label = {str(label): value for value, label in field.choices} if field else {}
        by_label |= {str(_("Yes")): "true", str(_("No")): "false"} if not by_label else {}
        typed = (self.value.data or "").replace("，", "、").replace(",", "、")
        values = [by_label.get(v.strip(), v.strip()) for v in typed.split("、") if v.strip()]
        if self.test.data in ("least", "most"):
            return {"field": name, str(self.test.data): values[0] if values else ""}
        return {"field": name, str(self.test.data): values}


class StepForm(RecordForm):
    """A step of a chain."""

    id = HiddenField()
    name = LineField(_l("Name"), most=120)
    who = SelectField(_l("Who signs"), choices=Who.pairs())
    role = SelectField(_l("Role"), choices=())
    office = RefField(_l("Unit"), Unit, description=_l("For a role in a named unit."))
    person = RefField(_l("Person"), Person, description=_l("For a named person."))
    of = SelectField(_l("How many"), choices=Of.pairs())
    act = SelectField(_l("What they do"), choices=Act.pairs())
    days = WholeField(_l("Within (days)"), description=_l("Late, it is reminded of and escalated."))
    with_previous = BooleanField(_l("At the same time as the step before"))
    proof = BooleanField(_l("Signers prove anew who they are"))
    opinion = BooleanField(_l("An opinion is required"))
    rules = LineField(_l("Rules"), most=300, description=_l("Ids of the articles, between them spaces."))

    def __init__(self, *given: Any, roles: Any = (), **options: Any) -> None:
        super().__init__(*given, **options)
        self.known = {str(r.id): r for r in roles}
        self.role.choices = [("", "—"), *((key, str(r)) for key, r in self.known.items())]

    def show(self, step: ChainStep) -> None:
        """Fill in a stored step."""
        for name in ("name", "who", "of", "act", "days", "with_previous", "proof", "opinion", "rules"):
            self.set(name, getattr(step, name))
        self.set("role", str(step.__data__["role"] or ""))
        self.set("office", step.office)
        self.set("person", step.person)

    def values(self) -> dict[str, Any]:
        """The step as `save_chain` takes it."""
        names = ("name", "who", "of", "act", "days", "with_previous", "proof", "opinion", "rules", "office", "person")
        return {**{name: self[name].data for name in names}, "role": self.known.get(str(self.role.data or ""))}


class ChainForm(RecordForm):
    """A chain; its steps and conditions are forms of their own."""

    name = LineField(_l("Name"), [Required()], most=120)
    position = WholeField(
        _l("Order"), description=_l("The first chain that fits is taken; one without a condition last.")
    )
    active = BooleanField(_l("In force"))
    own = BooleanField(_l("Applicants may sign their own"))
    bulk = BooleanField(_l("Several may be decided at once"))
    rules = LineField(_l("Rules"), most=300, description=_l("Ids of the articles, between them spaces."))


class PlayForm(RecordForm):
    """For whom a chain is played."""

    unit = RefField(_l("Applicant's unit"), Unit)
    person = RefField(_l("Applicant"), Person)


def roles_here() -> list[Role]:
    return list(Role.select().where(Role.institution == asking().institution).order_by(Role.id))


def typed_value(subject: Subject, name: str, text: str) -> Any:
    """A value of a field as somebody typed it for a preview."""
    field = subject.field(name)
    if field is None or field.choices or not text:
        return text
    if text in ("true", "false"):
        return text == "true"
    return int(text) if text.lstrip("-").isdecimal() and len(text) < 16 else text
