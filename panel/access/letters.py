"""Invitations and new passwords by mail. The link is made as the mail is written: no queue, no outbox holds it."""

from __future__ import annotations

from panel.access import attempts, services
from panel.access.models import User
from panel.access.reach import refuse_over
from panel.database import utcnow
from panel.errors import Refused
from panel.i18n import _, speaking
from panel.jobs.queue import enqueue
from panel.notify import secrets
from panel.notify.models import Channel, ChannelKind
from panel.notify.senders import SENDERS, Letter
from panel.runtime import runtime

TASK = "access.letter"


def channel_for(user: User) -> Channel | None:
    """The mail channel by which this user can be sent a link, or None.

    None, too, where the panel does not know its own address: a link must not be made from what a browser says it is.
    Who administers the installation gets none: their institution's channels are in the hands of others.
    """
    if not _address() or user.site_admin or user.person is None:
        return None
    mail = (Channel.institution == user.institution_id) & (Channel.kind == ChannelKind.MAIL) & Channel.active
    mine = Channel.person.is_null() | (Channel.person == user.person_id)
    found = Channel.select().where(mail, mine, Channel.unit.is_null()).order_by(Channel.id)
    return next((one for one in found if SENDERS[one.kind].reaches(one, user.person)), None)


def possible() -> bool:
    """Whether anybody here can be sent a link by mail."""
    mail = Channel.select().where(Channel.kind == ChannelKind.MAIL, Channel.active)
    return bool(_address()) and mail.exists()


def ask(user: User) -> None:
    """Have a link mailed to a user. Raises Refused where no mail reaches them, NotAllowed for who has wider rights."""
    refuse_over(user)
    if channel_for(user) is None:
        raise Refused(_("No mail reaches %(user)s; make a link and hand it over.", user=user))
    enqueue(TASK, institution=user.institution, args={"user": user.id})


def ask_for_oneself(username: str, address: str) -> None:
    """Somebody forgot their password. Raises Refused for who asks too often, and tells nobody who exists."""
    name = services.fold_username(username)
    attempts.claim(*attempts.of_forgotten(name, address))
    user = User.get_or_none(User.username == name, User.active)
    if user is not None and user.person and user.person.in_service() and channel_for(user) is not None:
        enqueue(TASK, institution=user.institution, args={"user": user.id})


def write(user: User) -> None:
    """Make the link and mail it, in the user's language. Raises SendFailed, for the job to try again."""
    channel = channel_for(user)
    if channel is None:
        return
    with speaking(user.locale):
        lasts, invited = services.link_lasts(user), not user.password_hash
        address = f"{_address()}/reset/{services.issue_link(user)}"
        subject = _("[Zhangyin] Your access") if invited else _("[Zhangyin] A new password")
        text = _(
            "User name: %(name)s\n\nSet your password by this link:\n%(address)s\n\n"
            "It works once, until it is %(hours)s hours old. If you did not expect it, do nothing and tell your "
            "administrator.\n\n%(place)s",
            name=user.username,
            address=address,
            hours=int(lasts.total_seconds() // 3600),
            place=user.institution,
        )
        letter = Letter(number=int(utcnow().timestamp()), subject=subject, text=text, to=user.person)
    with SENDERS[channel.kind].open(channel, secrets.unsealed(channel)) as session:
        session.send(letter)


def _address() -> str:
    return runtime().settings.address.rstrip("/")
