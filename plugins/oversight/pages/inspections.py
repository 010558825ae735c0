"""The pages of inspections and their items."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from flask import redirect, request, url_for

from panel.api import Crud, Menu, Refused, Section, Unit, _, _l, expose, find, needs, today
from plugins.oversight import services
from plugins.oversight.acts import BOTH, Acting, kept
from plugins.oversight.choices import Gravity, ItemState
from plugins.oversight.forms import AcceptForm, AnswerForm, FoundForm, ItemForm, ReasonForm, ReturnForm
from plugins.oversight.listviews import SECTION
from plugins.oversight.models import Inspection, Item
from plugins.oversight.permissions import OversightPermission as P


class InspectionView(Acting):
    """Who looks at whom."""

    model = Inspection
    may = Crud(view=P.INSPECTION_VIEW, create=P.INSPECTION_EDIT, edit=P.INSPECTION_EDIT, export=P.INSPECTION_EXPORT)
    menu = Menu(section=SECTION, label=_l("Inspections"), order=30)
    columns = ("unit", "account", "by_unit", "inspector", "planned_on", "state", "done_on")
    more_columns = ("subject", "outside", "result")
    search = ("unit", "subject", "outside")
    filters = ("state", "unit", "by_unit", "planned_on", "done_on")
    sort = ("planned_on", "done_on")
    default_sort = "-planned_on"
    sections = (
        Section(
            _l("Whom"),
            ("unit", "account", "subject", "planned_on"),
            help=_l("An account is inspected where it belongs: the unit follows it."),
        ),
        Section(_l("By whom"), ("by_unit", "outside", "inspector"), help=_l("One of the first two.")),
    )
    help: ClassVar[Any] = {"outside": _l("Such as 市委网信办.")}
    rules: ClassVar[Any] = {
        "inspector": ("s1-01-r09", "s1-06-r05", "s2-04-r13"),
        "outside": ("s1-06-r08",),
        "planned_on": ("s1-09-r12",),
    }
    new = _l("Plan an inspection")
    empty_text = _l("No inspection yet. Units with accounts are inspected as often as the policy says.")
    details = "oversight/inspection.html"
    create_with = staticmethod(services.plan)
    update_with = staticmethod(services.change_inspection)

    def fixed(self, row: Inspection) -> bool:
        return bool(row.state != "planned")

    def items(self, row: Inspection) -> list[tuple[Item, ItemState, Gravity]]:
        rows = Item.select().where(Item.inspection == row).order_by(Item.number)
        return [(item, ItemState(item.state), Gravity(item.gravity)) for item in rows]

    @expose("/plan_for/")
    @needs(P.INSPECTION_EDIT)
    def plan_for(self) -> Any:
        """To the form for an inspection of a unit."""
        unit = find(Unit, request.args.get("id"), P.INSPECTION_EDIT)
        return redirect(url_for(".create_view", unit=unit.id))

    @expose("/carry_out/", methods=BOTH)
    @needs(P.INSPECTION_EDIT)
    def carry_out(self) -> Any:
        """Enter what was found."""

        def enter(row: Inspection, form: Any) -> None:
            found = []
            if form.finding.data:
                found.append({name: getattr(form, name).data for name in ("finding", "advice", "gravity", "due_on")})
            elif form.advice.data:
                raise Refused(_("Say what was found."), "finding")
            services.carry_out(row, form.on.data, form.result.data, found, **kept())

        return self.act(
            P.INSPECTION_EDIT,
            FoundForm,
            enter,
            _("Enter what was found"),
            _("Enter"),
            _("Entered. Each item waits for an answer of the unit."),
            {"on": today()},
            _("Further items are added on the page of the inspection."),
            {"finding": ("s1-06-r05",), "due_on": ("s2-04-r13",), "gravity": ("s1-09-r12",)},
        )

    @expose("/add/", methods=BOTH)
    @needs(P.INSPECTION_EDIT)
    def add(self) -> Any:
        """Add an item."""

        def enter(row: Inspection, form: Any) -> None:
            services.add_item(
                row, {f.name: f.data for f in form if f.name in ("finding", "advice", "gravity", "due_on")}
            )

        return self.act(P.INSPECTION_EDIT, ItemForm, enter, _("Add an item"), _("Add"), _("Added."))

    @expose("/drop/", methods=BOTH)
    @needs(P.INSPECTION_EDIT)
    def drop(self) -> Any:
        """Give a planned inspection up."""
        verb = lambda row, form: services.drop_inspection(row, form.reason.data)  # noqa: E731
        return self.act(P.INSPECTION_EDIT, ReasonForm, verb, _("Drop the inspection"), _("Drop"), _("Dropped."))

    @expose("/paper/")
    @needs(P.INSPECTION_VIEW)
    def paper(self) -> Any:
        """The record of an inspection."""
        return self.paper_of(Inspection, P.INSPECTION_VIEW)


class ItemView(Acting):
    """What inspections found, and the answers."""

    model = Item
    may = Crud(view=P.INSPECTION_VIEW, export=P.INSPECTION_EXPORT)
    menu = Menu(section=SECTION, label=_l("Inspection items"), order=40)
    columns = ("finding", "inspection.unit", "gravity", "due_on", "state", "answered_on")
    more_columns = ("inspection.account", "advice", "answer", "decision", "decided_on", "returns")
    labels: ClassVar[Any] = {"inspection.unit": _l("Unit"), "inspection.account": _l("Account")}
    search = ("finding",)
    filters = ("state", "gravity", "due_on", "inspection.unit")
    sort = ("due_on", "answered_on")
    default_sort = "due_on"
    sections = (
        Section(_l("Item"), ("finding", "advice", "gravity", "due_on", "inspection")),
        Section(_l("Answer"), ("answer", "answered_on", "state", "decision", "decided_on", "returns")),
    )
    joins = ("inspection.unit", "inspection.account")
    details = "oversight/item.html"
    empty_text = _l("Nothing was found yet.")

    @expose("/answer/", methods=BOTH)
    @needs(P.ITEM_ANSWER)
    def answer(self) -> Any:
        """Answer an item."""
        verb = lambda row, form: services.answer(row, form.answer.data, form.on.data, **kept())  # noqa: E731
        row = find(Item, request.values.get("id"), P.ITEM_ANSWER)
        remark = _("Found: %(text)s", text=row.finding)
        cited = {"answer": ("s1-06-r08", "s2-03-r06")}
        given = {"on": today(), "answer": row.answer}
        said = _("The answer is entered.")
        return self.act(P.ITEM_ANSWER, AnswerForm, verb, _("Answer the item"), _("Answer"), said, given, remark, cited)

    @expose("/accept/", methods=BOTH)
    @needs(P.INSPECTION_EDIT)
    def accept(self) -> Any:
        """Accept an answer."""
        verb = lambda row, form: services.accept(row, form.note.data or "")  # noqa: E731
        return self.act(
            P.INSPECTION_EDIT, AcceptForm, verb, _("Accept the answer"), _("Accept"), _("The item is closed.")
        )

    @expose("/give_back/", methods=BOTH)
    @needs(P.INSPECTION_EDIT)
    def give_back(self) -> Any:
        """Return an answer."""
        verb = lambda row, form: services.give_back(row, form.reason.data, form.due_on.data)  # noqa: E731
        given = {"due_on": today() + timedelta(days=7)}
        said = _("The item is returned to the unit.")
        return self.act(P.INSPECTION_EDIT, ReturnForm, verb, _("Return the answer"), _("Return"), said, given)

    @expose("/paper/")
    @needs(P.INSPECTION_VIEW)
    def paper(self) -> Any:
        """The evidence of an answer."""
        return self.paper_of(Item, P.INSPECTION_VIEW)
