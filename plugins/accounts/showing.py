"""How the values of the register look in a list and on a page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from markupsafe import Markup

from panel.api import _, ngettext, today
from plugins.accounts.choices import Status
from plugins.accounts.models import Account, days_left
from plugins.accounts.reading import Named

SOON = 60  # days before an end from which it is marked


def show_certified(account: Account) -> Markup | str:
    """The day the verification ends, marked when it is near or past."""
    day = account.certified_until
    if day is None:
        return ""
    shown = Markup('<time datetime="{}">{}</time>').format(day.isoformat(), day.isoformat())
    return shown if account.status == Status.CLOSED else shown + days_badge(day)


def days_badge(day: Any) -> Markup:
    """How far off a day is, as a badge; nothing while it is far."""
    left = days_left(day)
    if left is None or left > SOON:
        return Markup("")
    if left < 0:
        text, style = ngettext("%(num)s day late", "%(num)s days late", -left), "badge-late"
    elif left == 0:
        text, style = _("today"), "badge-danger"
    else:
        text, style = ngettext("%(num)s day", "%(num)s days", left), "badge-warning"
    return Markup(' <span class="badge {}">{}</span>').format(style, text)


def show_people(people: Iterable[Any]) -> Markup:
    """Names in a row; who has left is marked."""
    return Markup("、").join(
        Markup('{} <span class="badge badge-danger">{}</span>').format(p.name, _("left")) if p.left_on else p.name
        for p in people
    )


def show_holder(term: Any) -> Markup:
    """Whoever holds a term; marked if they have left."""
    left = term.person.in_service_until
    return show_people([Named(term.person_id, str(term.person), left if left and left < today() else None)])


def show_password_due(account: Account) -> Markup | str:
    """Since when a new password is owed."""
    if account.password_due_on is None:
        return ""
    return Markup('<span class="badge badge-warning">{}</span>').format(
        _("owed since %(day)s", day=account.password_due_on)
    )
