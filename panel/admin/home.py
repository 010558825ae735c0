"""The home page: what there is, and what to do first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask, render_template
from peewee import Select, fn

from panel.access.guard import signed_in
from panel.access.identity import Rights, current
from panel.admin.listing import COUNTED, Listing
from panel.admin.state import State
from panel.database import db
from panel.i18n import today
from panel.obligations import showing
from panel.obligations.services import mine
from panel.obligations.showing import groups
from panel.obligations.tally import AHEAD
from panel.runtime import runtime

HOME = 8  # things to do that stand on the home page; all of them have a page of their own


@dataclass(frozen=True)
class Card:
    """A page one may enter; `count` is None for pages that list nothing."""

    view: Any
    count: int | None

    @property
    def capped(self) -> bool:
        return self.count is not None and self.count > COUNTED


def init_app(app: Flask) -> None:
    app.add_url_rule("/", "index", index)


@signed_in("everybody has a home page; it shows only what they may see")
def index() -> str:
    """Where everybody lands after logging in."""
    cards = counted([page for page in runtime().pages if page.visible()])
    sections: dict[str, list[Card]] = {}
    for card in cards:
        sections.setdefault(str(card.view.entry.section), []).append(card)
    first = [c.view for c in cards if c.count == 0 and c.view.can("create")]
    identity = current()
    work = groups(mine(identity, today() + AHEAD)[:HOME]) if identity else []
    rights = identity.rights if identity else Rights()
    return render_template(
        "admin/home.html",
        sections=sections,
        first_steps=first,
        work=work,
        show=showing,
        rightless=not (rights.grants or rights.everything),
    )


def counted(views: list[Any]) -> list[Card]:
    """The views with how many rows each has in sight: one query for all."""
    lists = [v for v in views if hasattr(v, "filter_objects")]
    numbers: dict[int, int] = {}
    if lists:
        columns = []
        for place, view in enumerate(lists):
            rows = view.model.select(view.model.id).where(Listing(State.parse(view, "")).where()).limit(COUNTED + 1)
            columns.append(Select([rows], [fn.COUNT(1)]).alias(f"n{place}"))
        (row,) = db.execute(Select(columns=columns))
        numbers = dict(zip(map(id, lists), row, strict=True))
    return [Card(view, numbers.get(id(view))) for view in views]
