"""The pages of inspections and their items."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import redirect, request, url_for

from panel.api import (
    Crud,
    Menu,
    RecordView,
    Section,
    Unit,
    _l,
    ask,
    expose,
    find,
    needs,
)
from plugins.oversight import acts, services
from plugins.oversight.acts import send_paper_of
from plugins.oversight.choices import Gravity, ItemState
from plugins.oversight.listviews import SECTION
from plugins.oversight.models import Inspection, Item
from plugins.oversight.permissions import OversightPermission as P

BOTH = ("GET", "POST")


class InspectionView(RecordView):
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
        return ask(self, acts.CARRY_OUT, P.INSPECTION_EDIT)

    @expose("/add/", methods=BOTH)
    @needs(P.INSPECTION_EDIT)
    def add(self) -> Any:
        """Add an item."""
        return ask(self, acts.ADD, P.INSPECTION_EDIT)

    @expose("/drop/", methods=BOTH)
    @needs(P.INSPECTION_EDIT)
    def drop(self) -> Any:
        """Give a planned inspection up."""
        return ask(self, acts.DROP, P.INSPECTION_EDIT)

    @expose("/paper/")
    @needs(P.INSPECTION_VIEW)
    def paper(self) -> Any:
        """The record of an inspection."""
        return send_paper_of(Inspection, P.INSPECTION_VIEW)


class ItemView(RecordView):
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
        return ask(self, acts.ANSWER, P.ITEM_ANSWER)

    @expose("/accept/", methods=BOTH)
    @needs(P.INSPECTION_EDIT)
    def accept(self) -> Any:
        """Accept an answer."""
        return ask(self, acts.ACCEPT, P.INSPECTION_EDIT)

    @expose("/give_back/", methods=BOTH)
    @needs(P.INSPECTION_EDIT)
    def give_back(self) -> Any:
        """Return an answer."""
        return ask(self, acts.GIVE_BACK, P.INSPECTION_EDIT)

    @expose("/paper/")
    @needs(P.INSPECTION_VIEW)
    def paper(self) -> Any:
        """The evidence of an answer."""
        return send_paper_of(Item, P.INSPECTION_VIEW)
