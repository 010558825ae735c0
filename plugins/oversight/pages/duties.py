"""The pages of duties: who holds which, the groups, and who answers for an account."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import request

from panel.api import (
    Crud,
    Menu,
    PageView,
    RecordView,
    Section,
    Unit,
    _l,
    ask,
    asking,
    expose,
    find,
    needs,
    scope,
    today,
)
from plugins.accounts.services import Account
from plugins.oversight import acts, services
from plugins.oversight.listviews import SECTION
from plugins.oversight.models import Duty
from plugins.oversight.permissions import OversightPermission as P

BOTH = ("GET", "POST")
PAGE = 50


class DutyView(RecordView):
    """Who holds which duty."""

    model = Duty
    may = Crud(view=P.DUTY_VIEW, create=P.DUTY_EDIT, edit=P.DUTY_EDIT)
    menu = Menu(section=SECTION, label=_l("Duties"), order=60)
    columns = ("kind", "person", "unit", "since", "until", "appointed_by")
    more_columns = ("tasks", "note")
    search = ("person", "unit")
    filters = ("kind", "unit", "person", "since", "until")
    sort = ("since", "until")
    default_sort = "-since"
    sections = (
        Section(_l("Duty"), ("kind", "unit", "person")),
        Section(_l("Since when, and by what"), ("since", "until", "appointed_by", "note")),
        Section(_l("Tasks"), ("tasks",), help=_l("One a line; empty: those of the kind of duty.")),
    )
    help: ClassVar[Any] = {"person": _l("Empty for a duty that a unit holds.")}
    rules: ClassVar[Any] = {
        "kind": ("s1-02-r06", "s1-17-r03", "s2-05-r01"),
        "person": ("s1-04-r03", "s2-08-r03"),
        "tasks": ("s1-17-r05", "s4-01-r06"),
    }
    new = _l("Appoint somebody")
    empty_text = _l("Nobody is appointed yet.")
    details = "oversight/duty.html"
    create_with = staticmethod(services.appoint)
    update_with = staticmethod(services.change_duty)

    @expose("/hand_over/", methods=BOTH)
    @needs(P.DUTY_EDIT)
    def hand_over(self) -> Any:
        """Pass a duty on."""
        return ask(self, acts.HAND_OVER, P.DUTY_EDIT)

    @expose("/end/", methods=BOTH)
    @needs(P.DUTY_EDIT)
    def end(self) -> Any:
        """End a duty."""
        return ask(self, acts.END, P.DUTY_EDIT)


class GroupsView(PageView):
    """Groups and teams, with who is in them."""

    slug = "groups"
    menu = Menu(section=SECTION, label=_l("Groups and teams"), order=50)

    @expose("/")
    @needs(P.DUTY_VIEW, whole=True)
    def index(self) -> str:
        """Every group with its duties, and what is vacant."""
        return self.render("oversight/groups.html", groups=services.groups(asking().institution, today()))


class CardView(PageView):
    """Who answers for an account."""

    slug = "card"
    menu = Menu(section=SECTION, label=_l("Responsibility cards"), order=70)

    @expose("/")
    @needs(P.DUTY_VIEW)
    def index(self) -> Any:
        """The card of one account, or the accounts to choose from."""
        if "id" in request.args:
            account = find(Account, request.args.get("id"), P.DUTY_VIEW)
            return self.render("oversight/card.html", card=services.card_of(account), account=account)
        given, words = request.args.get("page", ""), request.args.get("q", "").strip()[:100]
        page = int(given) if given.isdecimal() and 0 < int(given[:5]) < 10_000 else 1
        rows = scope(Account.select(Account, Unit).join(Unit, on=(Account.unit == Unit.id)), P.DUTY_VIEW)
        rows = rows.where(Account.status != "closed")
        if words:
            rows = rows.where(Account.name.contains(words) | Unit.name.contains(words))
        found = list(rows.order_by(Unit.name, Account.name, Account.id).limit(PAGE + 1).offset((page - 1) * PAGE))
        context = {"rows": found[:PAGE], "more": len(found) > PAGE, "page": page, "words": words}
        return self.render("oversight/cards.html", **context)
