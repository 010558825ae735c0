"""What is due: one's own, and by month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from flask import url_for
from peewee import fn

from panel.access.identity import Identity
from panel.access.scope import scope
from panel.i18n import _, _l, ngettext, today
from panel.obligations.kinds import Every
from panel.obligations.models import Obligation, State
from panel.obligations.permissions import ObligationPermission as P
from panel.obligations.services import mine
from panel.reports.declare import Bar, Chart, Figure, Reading, Series

MONTHS, PAST = 12, 5  # on the chart, and how many of them are over
SERIES = (Series(_l("Done in time"), "bar"), Series(_l("Late"), "late"), Series(_l("Not due yet"), "soft"))


def _late(identity: Identity) -> Reading | None:
    rows = mine(identity, today() - timedelta(days=1))
    if not _works(identity):
        return None
    longest = (today() - rows[0].due_on).days if rows else 0
    note = ngettext("the oldest by %(num)s day", "the oldest by %(num)s days", longest) if rows else ""
    return Reading(len(rows), f"{url_for('obligations_work.index')}#late", note, "late" if rows else "")


def _today(identity: Identity) -> Reading | None:
    if not _works(identity):
        return None
    rows = [o for o in mine(identity, today()) if o.due_on == today()]
    return Reading(len(rows), f"{url_for('obligations_work.index')}#today")


def _week(identity: Identity) -> Reading | None:
    if not _works(identity):
        return None
    last = today() + timedelta(days=6 - today().weekday())
    rows = [o for o in mine(identity, last) if o.due_on > today()]
    return Reading(len(rows), f"{url_for('obligations_work.index')}#week", _("until %(day)s", day=last.isoformat()))


def _works(identity: Identity) -> bool:
    return identity.user is not None and identity.user.person_id is not None


def by_month(identity: Identity, kinds: Iterable[str] = ()) -> list[Bar]:
    """What fell and falls due in a year of months, of some kinds or of all; three counts a month, one query."""
    now = today()
    begin = Every(months=MONTHS - PAST).after(Every(months=-MONTHS).after(now)).replace(day=1)
    months = [Every(months=n).after(begin) for n in range(MONTHS)]
    kept = (Obligation.due_on, Obligation.state, Obligation.done_on)
    rows: Any = (
        scope(Obligation.select(*kept, fn.COUNT(Obligation.id)), P.OBLIGATION_VIEW, identity)
        .where(
            Obligation.state.in_([State.OPEN, State.DONE]),
            Obligation.due_on >= begin,
            Obligation.due_on < Every(months=MONTHS).after(begin),
            *([Obligation.kind.in_(list(kinds))] if kinds else []),
        )
        .group_by(*kept)
        .tuples()
    )
    counts: Counter[tuple[date, str]] = Counter()
    for due_on, state, done_on, count in rows:
        done = state == State.DONE
        late = (done_on or due_on) > due_on if done else due_on < now
        counts[due_on.replace(day=1), "late" if late else "done" if done else "open"] += count
    return [
        Bar(
            _name(m, m == months[0]), tuple(counts[m, k] for k in ("done", "late", "open")), now=m == now.replace(day=1)
        )
        for m in months
    ]


def _name(month: date, first: bool) -> str:
    """The month's number; the first, and each January, says it is a month."""
    return _("%(month)s/", month=month.month) if first or month.month == 1 else str(month.month)


late = Figure("obligations.late", _l("Overdue"), _late, order=1)
due_today = Figure("obligations.today", _l("Due today"), _today, order=2)
week = Figure("obligations.week", _l("This week"), _week, order=3)
months = Chart(
    name="obligations.months",
    title=_l("Due by month"),
    series=SERIES,
    read=by_month,
    permission=P.OBLIGATION_VIEW,
    label=_l("Month"),
    columns=True,
    endpoint="obligations_calendar.index",
    home=True,
    order=10,
)
