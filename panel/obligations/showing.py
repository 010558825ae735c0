"""How obligations look: in the list, among one's work, in the month, on their ladder."""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from flask import current_app, url_for
from markupsafe import Markup

from panel.i18n import _, ngettext, today
from panel.obligations.kinds import Terms, all_kinds, title_of
from panel.obligations.models import Audience, Obligation, Role
from panel.obligations.steps import Clock, day_of
from panel.obligations.workdays import Workdays


def show_kind(row: Obligation) -> str:
    return str(title_of(row.kind))


def show_owner(row: Obligation) -> str:
    """Who owes it: a name, or a role in its unit."""
    return str(row.person) if row.person_id else str(Role(row.role).label)


def show_due(row: Obligation) -> Markup:
    """The day, and how far it is."""
    return Markup("{} {}").format(row.due_on.isoformat(), badge(row) if row.open else "")


def badge(row: Obligation) -> Markup:
    """How late, or how soon."""
    days = (row.due_on - today()).days
    if days < 0:
        text, style = ngettext("%(num)s day late", "%(num)s days late", -days), "badge-late"
    elif days == 0:
        text, style = _("today"), "badge-warning"
    else:
        text = ngettext("%(num)s day", "%(num)s days", days)
        style = "badge-warning" if days <= 7 else ""
    return Markup('<span class="badge {}">{}</span>').format(style, text)


def subject_address(row: Obligation) -> str | None:
    """The page of what it is about, where there is one."""
    kind = all_kinds().get(row.kind)
    endpoint = kind.endpoint if kind and kind.endpoint else f"{row.subject_type.replace('.', '_')}.details_view"
    return url_for(endpoint, id=row.subject_id) if endpoint in current_app.view_functions else None


def done_elsewhere(rows: Sequence[Obligation]) -> str:
    """The page where a single obligation is done, where its kind has one of its own."""
    kind = all_kinds().get(rows[0].kind) if len(rows) == 1 else None
    return url_for(kind.done_at, id=rows[0].subject_id) if kind is not None and kind.done_at else ""


def done_word(row: Obligation) -> str:
    """What the button to tick it off says."""
    kind = all_kinds().get(row.kind)
    return str(kind.word) if kind is not None and kind.word else _("Tick off")


@dataclass(frozen=True)
class Group:
    """Things that are due at about the same time."""

    key: str
    title: str
    rows: list[Obligation]


def groups(rows: Iterable[Obligation]) -> list[Group]:
    """Late, today, this week, in thirty days, later; the empty ones left out."""
    now = today()
    week = now + timedelta(days=6 - now.weekday())
    bounds = [
        ("late", _("Overdue"), now - timedelta(days=1)),
        ("today", _("Today"), now),
        ("week", _("This week"), week),
        ("month", _("Within 30 days"), now + timedelta(days=30)),
        ("later", _("Later"), date.max),
    ]
    found: defaultdict[str, list[Obligation]] = defaultdict(list)
    for row in rows:
        found[next(key for key, _title, last in bounds if row.due_on <= last)].append(row)
    return [Group(key, title, found[key]) for key, title, _last in bounds if found[key]]


@dataclass
class Day:
    """A square of the month."""

    day: date
    other: bool
    rest: bool
    today: bool
    rows: list[Obligation] = field(default_factory=list)


def month(first: date, rows: Sequence[Obligation], workdays: Workdays) -> list[list[Day]]:
    """The weeks of a month, Monday first, with what is due."""
    by_day: defaultdict[date, list[Obligation]] = defaultdict(list)
    for row in rows:
        by_day[row.due_on].append(row)
    weeks = calendar.Calendar().monthdatescalendar(first.year, first.month)
    now = today()
    return [
        [Day(d, d.month != first.month, not workdays.is_workday(d), d == now, by_day.get(d, [])) for d in week]
        for week in weeks
    ]


@dataclass(frozen=True)
class Rung:
    """A step of an obligation's ladder: `kind` is sent, next or empty."""

    text: str
    kind: str
    day: date


def ladder_of(row: Obligation, terms: Terms, clock: Clock) -> list[Rung]:
    """The ladder of an obligation as it stands."""
    rungs, upcoming = [], True
    for step in terms.plan.steps:
        sent = row.reached is not None and step.day <= row.reached
        kind = "sent" if sent else "next" if upcoming and row.open else ""
        upcoming = upcoming and sent
        text = str(abs(step.day)) if step.day <= 0 else f"+{step.day}"
        if step.audience != Audience.OWNER and step.day > 0:
            text += " " + (_("lead") if step.audience == Audience.LEAD else _("office"))
        rungs.append(Rung(text, kind, day_of(terms.plan, step, row.due_on, clock)))
    return rungs


def facts(row: Obligation) -> list[tuple[Any, Any]]:
    """What a reminder adds: what is lost, what it costs."""
    labels = {"lost": _("Lost when it lapses"), "fee": _("Fee")}
    return [(labels[name], value) for name, value in row.details.items() if name in labels]
