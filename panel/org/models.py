"""Institution, unit, person; and `Owned`, the base of everything an institution has."""

from __future__ import annotations

from datetime import date
from typing import Any

from peewee import SQL, BooleanField, CharField, Check, DateField, IntegerField

from panel.choices import Choice
from panel.database import PersonalText, Record, RestrictedKey, SecretText, UtcDateTimeField
from panel.i18n import _l, today

__all__ = ["Institution", "InstitutionKind", "Owned", "Person", "PersonKind", "SecretText", "Unit", "UnitKind"]


class InstitutionKind(Choice):
    """What kind of institution: national rules and presets differ by it."""

    SCHOOL = "school", _l("School")
    UNIVERSITY = "university", _l("University")
    HOSPITAL = "hospital", _l("Hospital")
    COMPANY = "company", _l("Company")
    STATE = "state", _l("State body")
    MASS = "mass", _l("Mass organisation")
    PUBLIC = "public", _l("Public institution")
    COMMUNITY = "community", _l("Community")
    OTHER = "other", _l("Other")


class Institution(Record):
    """A tenant: nothing of one institution is ever seen from another."""

    title, titles = _l("Institution"), _l("Institutions")
    derived = ("access_stamp",)

    name = CharField(max_length=120, unique=True, verbose_name=_l("Name"))
    kind = CharField(max_length=20, choices=InstitutionKind.pairs(), verbose_name=_l("Kind"))
    time_zone = CharField(max_length=64, default="Asia/Shanghai", verbose_name=_l("Time zone"))
    # Raised by every change of grants, roles, units or plugin switches: other processes drop what they remember.
    access_stamp = IntegerField(default=1)

    class Meta:
        constraints = [Check(InstitutionKind.sql("kind"), name="org_institution_kind")]

    def __str__(self) -> str:
        return self.name


class Owned(Record):
    """A record of one institution; `panel.access.scope` keeps it from every other."""

    abstract = True  # a base, not a table

    institution = RestrictedKey(Institution, backref="+", verbose_name=_l("Institution"))
    institution_id: int  # its key, without a query


class UnitKind(Choice):
    """Kinds of unit the source policies tell apart."""

    ROOT = "root", _l("Institution")
    FUNCTION = "function", _l("Function department")
    FACULTY = "faculty", _l("School or faculty")
    AFFILIATED = "affiliated", _l("Affiliated unit")
    MASS = "mass", _l("Mass organisation")
    BASE = "base", _l("Research base")
    VIRTUAL = "virtual", _l("Virtual research body")
    SUBSIDIARY = "subsidiary", _l("Subsidiary")
    CLINICAL = "clinical", _l("Clinical department")
    STUDENT = "student", _l("Student organisation")
    GRADE = "class", _l("Class")
    TEMPORARY = "temporary", _l("Temporary group")
    OTHER = "other", _l("Other")


class Unit(Owned):
    """A node of the institution's tree. `path` lists the ids from the root down: `/1/5/`."""

    title, titles = _l("Unit"), _l("Units")
    scope_unit = "id"
    derived = ("path",)
    refusals = {
        "org_unit_one_root": _l("An institution has one root unit."),
        "institution,parent,name": _l("There is already a unit of this name under the same parent."),
    }

    parent = RestrictedKey("self", null=True, backref="children", verbose_name=_l("Parent unit"))
    parent_id: int | None
    name = CharField(max_length=120, verbose_name=_l("Name"))
    code = CharField(max_length=40, default="", verbose_name=_l("Code"))
    kind = CharField(max_length=20, choices=UnitKind.pairs(), default=UnitKind.FUNCTION.value, verbose_name=_l("Kind"))
    path = CharField(max_length=255, default="/")
    archived_at = UtcDateTimeField(null=True, verbose_name=_l("Archived"))

    class Meta:
        indexes = ((("institution", "parent", "name"), True), (("institution", "path"), False))
        constraints = [
            Check(UnitKind.sql("kind"), name="org_unit_kind"),
            Check("parent_id IS NULL OR parent_id <> id", name="org_unit_not_own_parent"),
        ]

    def __str__(self) -> str:
        return self.name


Unit.add_index(Unit.index(Unit.institution, unique=True, where=SQL("parent_id IS NULL"), name="org_unit_one_root"))


class PersonKind(Choice):
    """In what capacity a person belongs to the institution."""

    STAFF = "staff", _l("Staff")
    STUDENT = "student", _l("Student")
    PARENT = "parent", _l("Parent")
    CONTRACTOR = "contractor", _l("Contractor")


class Person(Owned):
    """Somebody of the roster, in service between two dates (inclusive; no end date: still in service)."""

    title, titles = _l("Person"), _l("People")
    scope_unit = "unit"
    derived = ("initials",)
    refusals = {
        "org_person_number": _l("Another person has this staff or student number."),
        "org_person_dates": _l("Service cannot end before it begins."),
    }

    unit = RestrictedKey(Unit, backref="people", verbose_name=_l("Unit"))
    unit_id: int
    name = CharField(max_length=60, verbose_name=_l("Full name"))
    initials = CharField(max_length=60, default="", verbose_name=_l("Pinyin initials"))  # 张三丰: zsf
    number = CharField(max_length=40, null=True, verbose_name=_l("Staff or student number"))
    kind = CharField(max_length=20, choices=PersonKind.pairs(), default=PersonKind.STAFF.value, verbose_name=_l("Kind"))
    post = CharField(max_length=80, default="", verbose_name=_l("Post"))
    phone = PersonalText(max_length=40, default="", verbose_name=_l("Phone"))
    email = CharField(max_length=120, default="", verbose_name=_l("E-mail"))
    in_service_from = DateField(null=True, verbose_name=_l("In service from"))
    in_service_until = DateField(null=True, verbose_name=_l("In service until"))
    leads_unit = BooleanField(default=False, verbose_name=_l("Heads the unit"))

    class Meta:
        indexes = (
            (("institution", "name"), False),  # import and look-up by name
            (("institution", "initials"), False),  # look-up by pinyin initials
            (("institution", "in_service_until"), False),  # who has left
        )
        constraints = [
            Check(PersonKind.sql("kind"), name="org_person_kind"),
            Check(
                "in_service_until IS NULL OR in_service_from IS NULL OR in_service_until >= in_service_from",
                name="org_person_dates",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def in_service(self, on: date | None = None) -> bool:
        """Whether the person is in service on a day (today, where none is given)."""
        day = on or today()
        began = self.in_service_from is None or self.in_service_from <= day
        return began and (self.in_service_until is None or self.in_service_until >= day)


def serving(person: Any, day: Any) -> Any:
    """The condition for people in service on a day; `person` is Person, or an alias of it in a query."""
    began = person.in_service_from.is_null() | (person.in_service_from <= day)
    return began & (person.in_service_until.is_null() | (person.in_service_until >= day))


Person.add_index(
    Person.index(
        Person.institution, Person.number, unique=True, where=SQL("number IS NOT NULL"), name="org_person_number"
    )
)
