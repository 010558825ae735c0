"""The pages of kinds and ladders, commendations, assessments and supervision."""

from __future__ import annotations

from typing import Any, ClassVar

from wtforms import SelectField

from panel.api import Crud, Menu, RecordView, RefField, Section, Unit, _l, current
from plugins.violations import services
from plugins.violations.models import Assessment, Commendation, Round, Supervision
from plugins.violations.permissions import ViolationsPermission as P
from plugins.violations.policy import BreachKind, Criterion, SanctionStep

SECTION = _l("Breaches and commendations")
RULE = Crud(view=P.RULE_VIEW, create=P.RULE_EDIT, edit=P.RULE_EDIT, delete=P.RULE_EDIT)


class BreachKindView(RecordView):
    """Kinds of breach."""

    model = BreachKind
    may = RULE
    menu = Menu(section=SECTION, label=_l("Kinds of breach"), order=70)
    columns = ("name", "severity", "demand", "active")
    search = ("name",)
    filters = ("severity", "demand", "active")
    sort = ("name",)
    default_sort = "id"
    sections = (Section(_l("Kind of breach"), ("name", "severity", "demand", "active")),)
    help: ClassVar[Any] = {
        "severity": _l("Where nobody says otherwise."),
        "active": _l("A kind that is no longer offered stays with its cases."),
    }
    rules: ClassVar[Any] = {"demand": ("s1-08-r07", "s3-01-r05", "s1-23-r05")}
    update_with = staticmethod(services.rename_kind)


def _kinds() -> list[tuple[str, Any]]:
    identity = current()
    if identity is None:
        return [("", "")]
    rows = BreachKind.select(BreachKind.name).where(BreachKind.institution == identity.institution.id)
    return [
        ("", _l("all kinds without a ladder of their own")),
        *((k.name, k.name) for k in rows.order_by(BreachKind.id)),
    ]


class SanctionStepView(RecordView):
    """The ladder."""

    model = SanctionStep
    may = RULE
    menu = Menu(section=SECTION, label=_l("The ladder of sanctions"), order=80)
    columns = ("name", "position", "breach", "whom", "least", "most", "effect", "article")
    more_columns = ("after", "days", "ceiling", "valid_from", "valid_until")
    search = ("name", "breach", "article")
    filters = ("effect", "whom")
    sort = ("position",)
    default_sort = "position"
    form_extra_fields: ClassVar[Any] = {"breach": SelectField(_l("Only for the kind"), choices=_kinds)}
    sections = (
        Section(
            _l("Step"),
            ("name", "effect", "position", "after"),
            help=_l("The place decides what is proposed first; each earlier founded case leads a step up."),
        ),
        Section(_l("For which breaches"), ("breach", "whom", "least", "most")),
        Section(_l("Bounds and source"), ("days", "ceiling", "article", "valid_from", "valid_until")),
    )
    help: ClassVar[Any] = {
        "after": _l("Empty: by its place, the first at once, the second after one earlier case."),
        "ceiling": _l("Of a deduction or fine."),
        "valid_until": _l("To change a step, end it and enter a new one: what was decided keeps its words."),
    }
    rules: ClassVar[Any] = {
        "name": ("s0-01-r11", "s1-08-r14", "s1-22-r10", "s4-01-r34"),
        "breach": ("s1-05-r06", "s1-05-r08", "s1-05-r12"),
        "whom": ("s1-18-r09", "s1-18-r10"),
        "least": ("s1-02-r11", "s1-11-r14", "s1-17-r10"),
    }
    new = _l("Add a step")
    empty_text = _l("No ladder yet: the panel's own is in force. Apply a preset, or enter your own steps.")


class CriterionView(RecordView):
    """Criteria of the assessment."""

    model = Criterion
    may = RULE
    menu = Menu(section=SECTION, label=_l("Criteria of the assessment"), order=90)
    columns = ("name", "weight", "measured", "each", "active")
    search = ("name",)
    default_sort = "id"
    sections = (
        Section(
            _l("Criterion"),
            ("name", "weight", "measured", "each", "active"),
            help=_l("Likes, points of an app and time online are no criteria: national rules bar ranking by them."),
        ),
    )
    help: ClassVar[Any] = {"each": _l("Less for each founded breach, more for each commendation.")}
    rules: ClassVar[Any] = {"weight": ("s4-01-r32",)}


class CommendationView(RecordView):
    """Commendations."""

    model = Commendation
    may = Crud(
        view=P.COMMENDATION_VIEW, create=P.COMMENDATION_EDIT, edit=P.COMMENDATION_EDIT, delete=P.COMMENDATION_EDIT
    )
    menu = Menu(section=SECTION, label=_l("Commendations"), order=40)
    columns = ("reason", "person", "unit", "on", "award", "document")
    search = ("reason", "award", "person", "unit")
    filters = ("on", "person", "unit")
    sort = ("on",)
    default_sort = "-on"
    form_extra_fields: ClassVar[Any] = {
        "unit": RefField(_l("Unit"), Unit, description=_l("Where only a person is named: theirs."))
    }
    sections = (Section(_l("Commendation"), ("person", "unit", "on", "award", "reason", "document")),)
    rules: ClassVar[Any] = {"reason": ("s1-08-r15", "s2-06-r16", "s4-01-r33")}
    new = _l("Commend somebody")
    create_with = staticmethod(services.commend)
    update_with = staticmethod(services.change_commendation)


class RoundView(RecordView):
    """Rounds of assessment."""

    model = Round
    may = Crud(view=P.ASSESSMENT_VIEW, create=P.ASSESSMENT_EDIT, edit=P.ASSESSMENT_EDIT)
    menu = Menu(section=SECTION, label=_l("Rounds of assessment"), order=50)
    columns = ("name", "since", "until", "closed_on")
    search = ("name",)
    sort = ("until",)
    default_sort = "-until"
    sections = (Section(_l("Round of assessment"), ("name", "since", "until")),)
    rules: ClassVar[Any] = {"until": ("s2-06-r15", "s4-01-r32")}
    new = _l("Begin a round")
    details = "violations/round.html"

    def fixed(self, row: Round) -> bool:
        return row.closed_on is not None

    def change(self, row: Round, expected_version: int, values: dict[str, Any]) -> None:
        services.change_round(row, expected_version, values)


class AssessmentView(RecordView):
    """Results: by unit and person, never by points."""

    model = Assessment
    may = Crud(view=P.ASSESSMENT_VIEW, export=P.ASSESSMENT_EXPORT)
    menu = Menu(section=SECTION, label=_l("Results of assessments"), order=55)
    columns = ("unit", "person", "round", "points", "grade", "basis")
    search = ("unit", "person", "round", "grade")
    filters = ("round", "unit", "person")
    sort = ("unit", "round")
    default_sort = "unit"
    sections = (Section(_l("Result of an assessment"), ("round", "unit", "person", "points", "grade", "basis")),)
    details = "violations/assessment.html"


class SupervisionView(RecordView):
    """What supervision found."""

    model = Supervision
    may = Crud(view=P.CASE_VIEW, create=P.ASSESSMENT_EDIT)
    menu = Menu(section=SECTION, label=_l("Supervision"), order=60)
    columns = ("text", "about", "unit", "on", "person")
    more_columns = ("problems",)
    search = ("text", "unit", "person")
    filters = ("about", "unit", "on")
    sort = ("on",)
    default_sort = "-on"
    sections = (Section(_l("Supervision"), ("unit", "about", "on", "person", "text", "problems")),)
    help: ClassVar[Any] = {
        "person": _l("You, if left empty."),
        "problems": _l("Each line opens a breach case against the unit."),
    }
    rules: ClassVar[Any] = {"about": ("s1-12-r09", "s1-12-r17"), "problems": ("s1-12-r17", "s1-20-r12")}
    new = _l("Note what was found")
    create_with = staticmethod(services.supervise)
