"""The home page: what is due, what is wrong, how it is going, and what to do first."""

from __future__ import annotations

from typing import Any

from flask import Flask, render_template
from peewee import Select, fn

from panel.access.guard import signed_in
from panel.access.identity import Identity, Rights, current
from panel.admin.listing import Listing
from panel.admin.state import State
from panel.approvals.seats import waiting_for
from panel.checks import reading
from panel.checks.declare import Severity
from panel.checks.permissions import ChecksPermission
from panel.database import db
from panel.i18n import today
from panel.obligations import showing
from panel.obligations.services import mine
from panel.obligations.showing import groups
from panel.obligations.tally import AHEAD
from panel.reports import services as reports
from panel.runtime import runtime

HOME = 10  # things to do that stand on the home page; all of them have a page of their own
TOP = 6  # kinds of findings
SIGN = 5  # requests that wait for a signature
SEVEREST = list(Severity)


def init_app(app: Flask) -> None:
    app.add_url_rule("/", "index", index)


@signed_in("everybody has a home page; it shows only what they may see")
def index() -> str:
    """Where everybody lands after logging in."""
    identity = current()
    due = mine(identity, today() + AHEAD) if identity else []
    rights = identity.rights if identity else Rights()
    return render_template(
        "admin/home.html",
        figures=reports.figures(identity) if identity else [],
        charts=reports.charts(identity, home=True) if identity else [],
        findings=_findings(identity),
        waiting=waiting_for(identity)[:SIGN] if identity else [],
        now=today(),
        first_steps=first_steps(),
        work=groups(due[:HOME]),
        due=len(due),
        show=showing,
        rightless=not (rights.grants or rights.everything),
    )


def _findings(identity: Identity | None) -> list[dict[str, Any]]:
    if identity is None or not identity.may(ChecksPermission.FINDING_VIEW):
        return []
    return sorted(reading.grouped("rule"), key=lambda group: SEVEREST.index(group["check"].severity))[:TOP]


def first_steps() -> list[Any]:
    """The main register of each plugin, the first in its section, where it is empty and whoever asks may fill it."""
    main: dict[str, Any] = {}
    for page in runtime().pages:
        if page.plugin and hasattr(page, "filter_objects") and page.visible() and page.can("create"):
            main.setdefault(str(page.entry.section), page)
    return _empty(list(main.values()))


def _empty(views: list[Any]) -> list[Any]:
    """Those of the views that have no row in sight; one query for all."""
    if not views:
        return []
    columns = []
    for place, view in enumerate(views):
        rows = view.model.select(view.model.id).where(Listing(State.parse(view, "")).where()).limit(1)
        columns.append(Select([rows], [fn.COUNT(1)]).alias(f"n{place}"))
    (counts,) = db.execute(Select(columns=columns))
    return [view for view, count in zip(views, counts, strict=True) if not count]
