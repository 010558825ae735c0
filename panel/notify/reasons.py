"""Why was nothing sent? Everything that keeps reminders from leaving, each with the way out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import url_for
from peewee import JOIN
from redis import RedisError

from panel.access.models import Grant, Role, User
from panel.database import utcnow
from panel.i18n import _, ngettext, show_time, today
from panel.jobs import queue, worker
from panel.notify.models import Channel, Delivery, DeliveryState
from panel.notify.outbox import Post
from panel.obligations import workdays
from panel.obligations.models import Obligation, State
from panel.org.models import Institution, Person


@dataclass(frozen=True)
class Reason:
    """Something in the way: `kind` is danger, warning or info."""

    kind: str
    text: str
    address: str = ""
    way_out: str = ""


def reasons(institution: Institution) -> list[Reason]:
    """What keeps, or may keep, reminders of an institution from arriving; the worst first."""
    found = [*_processes(), *_channels(institution), *_people(institution), *_calendar()]
    order = {"danger": 0, "warning": 1, "info": 2}
    return sorted(found, key=lambda reason: order[reason.kind])


def _processes() -> list[Reason]:
    found = []
    try:
        queue.client().ping()
    except RedisError:
        found.append(Reason("danger", _("Redis cannot be reached: work waits in the ledger until it is back.")))
    jobs = url_for("jobs_work.index")
    if not worker.alive("scheduler"):
        found.append(Reason("danger", _("No scheduler is running: nothing is looked at."), jobs, _("Background work")))
    if not worker.alive("worker"):
        found.append(Reason("danger", _("No worker is running: nothing is sent."), jobs, _("Background work")))
    return found


def _channels(institution: Institution) -> list[Reason]:
    found = []
    channels = list(Channel.select().where(Channel.institution == institution))
    page = url_for("notify_channel.index")
    if not [c for c in channels if c.active]:
        text = _("No channel is in use: reminders stay in the inbox of the panel.")
        found.append(Reason("warning", text, page, _("Channels")))
    for channel in channels:
        if channel.active and channel.failures:
            text = _(
                "“%(name)s” failed the last %(count)s times: %(why)s",
                name=channel,
                count=channel.failures,
                why=channel.last_error,
            )
            found.append(Reason("danger", text, page, _("Channels")))
    here = Delivery.institution == institution
    parked = Delivery.select().where(here, Delivery.state == DeliveryState.PARKED).count()
    if parked:
        text = ngettext("%(num)s message was given up.", "%(num)s messages were given up.", parked)
        found.append(Reason("danger", text, url_for("notify_outbox.index", state="parked"), _("Outbox")))
    waiting = Delivery.select().where(here, Delivery.state == DeliveryState.WAITING, Delivery.due_at > utcnow())
    if later := waiting.order_by(Delivery.due_at).first():
        text = _(
            "%(count)s messages wait for quiet hours, a limit or a retry; the next leaves at %(time)s.",
            count=waiting.count(),
            time=show_time(later.due_at),
        )
        found.append(Reason("info", text, url_for("notify_outbox.index", state="waiting"), _("Outbox")))
    return found


def _people(institution: Institution) -> list[Reason]:
    found = []
    owing = (
        Person.select(Person)
        .join(Obligation, on=(Obligation.person == Person.id))
        .where(Obligation.institution == institution, Obligation.state == State.OPEN)
        .distinct()
        .limit(2000)
    )
    post = Post(institution)
    people = list(owing)
    post.know_users(people)
    lost = [p for p in people if not post.reachable(p)]
    if lost:
        names = "、".join(p.name for p in lost[:8]) + ("…" if len(lost) > 8 else "")
        text = _("Nothing reaches %(names)s: no user and no address. Their unit lead is told instead.", names=names)
        found.append(Reason("warning", text, url_for("org_person.index_view"), _("People")))
    gone = [p for p in people if not p.in_service(today())]
    if gone:
        names = "、".join(p.name for p in gone[:8])
        found.append(Reason("warning", _("%(names)s owe something and have left.", names=names)))
    unlinked: Any = (
        User.select(User.username)
        .join(Grant, on=(Grant.user == User.id))
        .join(Role, on=(Grant.role == Role.id))
        .join(Person, JOIN.LEFT_OUTER, on=(User.person == Person.id))
        .where(Grant.institution == institution, Role.code != "", User.active, User.person.is_null())
        .distinct()
        .tuples()
    )
    users = [name for (name,) in unlinked]
    if users:
        text = _(
            "The users %(names)s hold roles and are linked to no person: nobody can tell them anything.",
            names="、".join(users[:8]),
        )
        found.append(Reason("warning", text, url_for("access_user.index_view"), _("Users")))
    return found


def _calendar() -> list[Reason]:
    years = workdays.unknown_years(workdays.load(), today())
    return [Reason("warning", _("The holidays of %(year)s are not known; they are guessed.", year=y)) for y in years]
