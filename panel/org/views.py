"""The pages of units, people and the institution."""

from __future__ import annotations

from typing import Any

from flask import redirect, url_for

from panel.access.guard import needs
from panel.access.identity import asking
from panel.admin.view import ChoiceFilter, Crud, Menu, RecordView, Section, bulk, expose
from panel.i18n import _l, ngettext
from panel.org import importing, services, wizard
from panel.org.models import Institution, Person, Unit
from panel.org.permissions import OrgPermission as P
from panel.org.showing import SERVICE, count_people, show_open, show_service, show_unit, where_open, where_service

SETTINGS = _l("Settings")


class UnitView(RecordView):
    """The tree of units."""

    model = Unit
    may = Crud(
        view=P.UNIT_VIEW,
        create=P.UNIT_CREATE,
        edit=P.UNIT_EDIT,
        delete=P.UNIT_DELETE,
        export=P.UNIT_EXPORT,
        import_=P.UNIT_IMPORT,
    )
    menu = Menu(section=SETTINGS, label=_l("Units"), order=10)
    columns = ("name", "kind", "parent", "people_count", "archived_at")
    more_columns = ("code",)
    labels = {"people_count": _l("People in service"), "archived_at": _l("State")}
    formats = {"name": show_unit, "archived_at": show_open}
    search = ("name", "code")
    filters = (
        "kind",
        "parent",
        ChoiceFilter(
            "state",
            _l("State"),
            choices=(("open", _l("Open")), ("archived", _l("In the archive"))),
            where=where_open,
        ),
    )
    sort = ("path", "name", "kind", "code")
    default_sort = "path"
    sections = (Section(_l("Basics"), ("name", "parent", "kind", "code")),)
    help = {
        "parent": _l("Moving a unit takes all units below it along, and what roles there allow."),
        "code": _l("The number the institution gives it, if any; imports recognise the unit by it."),
    }
    create_with = staticmethod(services.add_unit)
    update_with = staticmethod(services.change_unit)
    delete_with = staticmethod(services.delete_unit)
    archive_with = staticmethod(services.archive_unit)
    import_target = staticmethod(importing.unit_import)

    def load(self, rows: list[Unit]) -> None:
        count_people(rows)

    def choose_from(self, name: str, rows: Any) -> Any:
        return rows.where(Unit.archived_at.is_null()) if name == "parent" else rows

    def note_of(self, row: Unit) -> str:
        return row.code

    @bulk(_l("Archive"), P.UNIT_EDIT, lambda n: ngettext("Archive %(num)s unit?", "Archive %(num)s units?", n))
    def archive_rows(self, rows: list[Unit]) -> int:
        for unit in sorted(rows, key=lambda u: -u.path.count("/")):  # the lowest first
            services.archive_unit(unit)
        return len(rows)

    @bulk(_l("Reopen"), P.UNIT_EDIT, lambda n: ngettext("Reopen %(num)s unit?", "Reopen %(num)s units?", n))
    def reopen_rows(self, rows: list[Unit]) -> int:
        for unit in sorted(rows, key=lambda u: u.path.count("/")):
            services.reopen_unit(Unit.get_by_id(unit.id))
        return len(rows)


class PersonView(RecordView):
    """The roster."""

    model = Person
    may = Crud(
        view=P.PERSON_VIEW,
        create=P.PERSON_CREATE,
        edit=P.PERSON_EDIT,
        delete=P.PERSON_DELETE,
        export=P.PERSON_EXPORT,
        import_=P.PERSON_IMPORT,
        reveal=P.PERSON_REVEAL,
    )
    menu = Menu(section=SETTINGS, label=_l("People"), order=20)
    columns = ("name", "unit", "kind", "post", "phone", "service")
    more_columns = ("number", "email", "in_service_from", "in_service_until", "leads_unit")
    labels = {"service": _l("Service")}
    formats = {"service": show_service}
    search = ("name", "number", "phone")
    filters = (
        "unit",
        "kind",
        ChoiceFilter("service", _l("Service"), choices=SERVICE, where=where_service),
        "in_service_until",
        "in_service_from",
        "leads_unit",
    )
    sort = ("name", "unit", "kind", "in_service_until", "in_service_from")
    default_sort = "name"
    editable = ("post", "phone")
    sections = (
        Section(_l("Basics"), ("name", "number", "unit", "kind", "post", "leads_unit")),
        Section(_l("Contact"), ("phone", "email")),
        Section(
            _l("Service"),
            ("in_service_from", "in_service_until"),
            help=_l("Who leaves or changes unit hands over first what they hold: use “Leave or move”."),
        ),
    )
    help = {
        "number": _l("Tells people of the same name apart, also in imports."),
        "in_service_until": _l("The last day, if it is known."),
    }
    details = "org/person.html"
    create_with = staticmethod(services.hire)
    update_with = staticmethod(services.change_person)
    import_target = staticmethod(importing.person_import)

    def note_of(self, row: Person) -> str:
        return row.number or ""

    def choose_from(self, name: str, rows: Any) -> Any:
        return rows.where(Unit.archived_at.is_null()) if name == "unit" else rows

    @expose("/leave/", methods=("GET", "POST"))
    @needs(P.PERSON_LEAVE)
    def leave(self) -> Any:
        """Leaving or moving: all the person holds finds a successor or is ended, in one go."""
        return wizard.respond(self)


class InstitutionView(RecordView):
    """The institution one works in."""

    model = Institution
    may = Crud(view=P.INSTITUTION_VIEW, edit=P.INSTITUTION_EDIT)
    menu = Menu(section=SETTINGS, label=_l("Institution"), order=5)
    columns = ("name", "kind", "time_zone")
    sort = ("name",)
    default_sort = "name"
    sections = (
        Section(
            _l("Basics"),
            ("name", "kind", "time_zone"),
            help=_l("National rules and presets differ by kind. Days begin and end in the time zone."),
        ),
    )
    update_with = staticmethod(services.change_institution)

    @expose("/")
    def index_view(self) -> Any:
        """There is one: its page."""
        identity = asking()
        return redirect(url_for(".details_view", id=identity.institution.id))
