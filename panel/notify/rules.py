"""Who was to be told something and cannot be."""

from __future__ import annotations

from typing import Any

from panel.access.models import User
from panel.checks.declare import Mend, Severity, Touched, Watch, check
from panel.checks.sql import breaking, exists, how_many
from panel.i18n import _l
from panel.notify.models import Channel, ChannelKind
from panel.obligations.models import Obligation, State
from panel.org.models import Person

UNREACHABLE = "notify.unreachable"
BY_ADDRESS = (ChannelKind.MAIL.value, ChannelKind.FOLDER.value)  # reach whoever has an e-mail address


def _told_once() -> Any:
    """Open obligations of which a reminder has been due."""
    return (Obligation.state == State.OPEN.value) & Obligation.reached.is_null(False)


def _of_channels(touched: Touched) -> Any:
    here = Obligation.institution.in_(touched.values("institution"))
    return Obligation.select(Obligation.person).where(here, _told_once(), Obligation.person.is_null(False)).distinct()


WATCHES: dict[Any, Watch] = {Obligation: "person", User: "person", Channel: _of_channels}


@check(
    UNREACHABLE,
    subject=Person,
    severity=Severity.WARNING,
    watches=WATCHES,
    at_save=False,
    title=_l("Owes something and cannot be told"),
    message=_l("%(count)s reminders found no way to this person: no user, no address a channel reaches"),
    advice=_l("Give them a user, or enter an e-mail address; until then their unit lead is told instead."),
    mend=Mend(_l("Enter an address"), "org_person.edit_view"),
)
def unreachable(person: Any, _policy: Any, _day: Any) -> Any:
    owed = (Obligation.person == person.id) & _told_once()
    logs_in = exists(User, User.person == person.id, User.active)
    own = Channel.person.is_null() | (Channel.person == person.id)
    by_address = Channel.kind.in_(BY_ADDRESS) & person.email.contains("@")
    way = by_address | (Channel.kind == ChannelKind.WEBHOOK.value)
    told = exists(Channel, Channel.institution == person.institution, Channel.active, own, way)
    return breaking(person, exists(Obligation, owed) & ~logs_in & ~told, count=how_many(Obligation, owed))
