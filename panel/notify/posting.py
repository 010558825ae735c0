"""A post to the group behind a robot, made by an area's own work in the background: not part of anybody's digest."""

from __future__ import annotations

import time

from panel.database import utcnow
from panel.errors import Refused
from panel.i18n import _
from panel.notify import buckets, secrets
from panel.notify.models import Channel
from panel.notify.senders import SENDERS, Letter, SendFailed

PATIENCE = 60.0  # seconds waited for the rate limit


def post_to_channel(channel: Channel, number: int, subject: str, text: str) -> None:
    """Send a text to a group now, within the channel's rate limit; never inside a transaction.

    `number` is the same at every attempt. Raises Refused with the channel's own words where it does not take it.
    """
    sender = SENDERS[channel.kind]
    if not sender.group or not channel.active:
        raise Refused(_("%(channel)s is no robot of a group, or is switched off.", channel=channel))
    waited = 0.0
    while wait := buckets.take(channel.id, sender.limit, utcnow()):
        if waited + wait > PATIENCE:
            raise Refused(_("The robot has had enough for this minute."))
        time.sleep(wait)
        waited += wait
    try:
        with sender.open(channel, secrets.unsealed(channel)) as session:
            session.send(Letter(number, subject, text))
    except SendFailed as failure:
        if failure.wait:
            buckets.forbid(channel.id, sender.limit, utcnow())
        raise Refused(str(failure)) from failure
