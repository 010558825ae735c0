"""The verbs over channels, preferences and deliveries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from panel import audit, records
from panel.access.identity import asking
from panel.database import transaction, utcnow
from panel.errors import NotFound, Refused
from panel.i18n import LOCALES, _
from panel.notify import secrets
from panel.notify.models import Channel, ChannelKind, Delivery, DeliveryState, Message, Preference
from panel.notify.senders import SENDERS, Letter, SendFailed
from panel.notify.senders.guard import refuse_address, split_address
from panel.org.models import Person

SECURITIES = ("none", "starttls", "tls")
TEST_NUMBER = 0


def add_channel(values: Mapping[str, Any]) -> Channel:
    """Enter a channel. `settings` and `secrets` are mappings of text; secrets are sealed and never shown again.

    Raises Refused naming the field that is missing or cannot be.
    """
    identity = asking()
    values = dict(values)
    given = values.pop("secrets", None) or {}
    _check(values["kind"], values.get("settings") or {}, given, stored={})
    with transaction():
        channel = records.create(Channel, institution=identity.institution, **values)
        if given:
            secrets.seal(channel, _kept(channel.kind, given))
    return channel


def change_channel(channel: Channel, expected_version: int | None, values: Mapping[str, Any]) -> None:
    """Change a channel; a secret that is left empty stays as it was."""
    values = dict(values)
    given = {name: text for name, text in (values.pop("secrets", None) or {}).items() if text}
    stored = secrets.unsealed(channel)
    _check(channel.kind, values.get("settings", channel.settings), given, stored)
    with transaction():
        records.update(channel, expected_version, **values)
        if given:
            secrets.seal(channel, _kept(channel.kind, {**stored, **given}))
            audit.note("secret_changed", channel)
        records.derive(Channel, Channel.id == channel.id, failures=0, last_error="")


def delete_channel(channel: Channel) -> None:
    """Delete a channel nothing was ever sent by. Raises InUse otherwise: switch it off instead."""
    records.delete(channel)


def _kept(kind: str, given: Mapping[str, str]) -> dict[str, str]:
    return {name: given[name].strip() for name in SENDERS[kind].secrets if given.get(name, "").strip()}


def _check(
    kind: str,
    settings: Mapping[str, Any],
    given: Mapping[str, str],
    stored: Mapping[str, str],
) -> None:
    if kind not in ChannelKind.__members__.values():
        raise Refused(_("Choose a kind of channel."), "kind")
    sender = SENDERS[kind]
    for name in sender.needs:
        if not str(settings.get(name, "")).strip():
            raise Refused(_("This is needed."), name)
    if "port" in sender.needs and not (str(settings["port"]).isdecimal() and 0 < int(settings["port"]) < 65536):
        raise Refused(_("A port is a number from 1 to 65535."), "port")
    if settings.get("security", "none") not in SECURITIES:
        raise Refused(_("Choose how the connection is secured."), "security")
    if "sender" in sender.needs and "@" not in str(settings["sender"]):
        raise Refused(_("Enter a mail address."), "sender")
    if "url" in sender.secrets:
        address = given.get("url") or stored.get("url", "")
        try:
            parts = split_address(address)
            refuse_address(str(parts.hostname), parts.port or 443)
        except SendFailed as failure:
            if failure.for_good:
                raise Refused(str(failure), "url") from failure


def send_test(channel: Channel, to: Person | None) -> None:
    """Send a word by a channel at once. Raises Refused with what the channel answered."""
    sender = SENDERS[channel.kind]
    if not sender.group and to is None:
        raise Refused(_("Say to whom: your user is linked to no person."), "person")
    if to is not None and not sender.reaches(channel, to):
        raise Refused(_("%(person)s has no address for this channel.", person=to), "person")
    letter = Letter(
        number=TEST_NUMBER,
        subject=_("[Zhangyin] A test"),
        text=_("%(institution)s can reach you by “%(channel)s”.", institution=channel.institution, channel=channel),
        to=None if sender.group else to,
    )
    try:
        with sender.open(channel, secrets.unsealed(channel)) as session:
            session.send(letter)
    except SendFailed as failure:
        records.derive(Channel, Channel.id == channel.id, last_error=str(failure)[:300])
        audit.note("test_failed", channel, {"error": str(failure)})
        raise Refused(_("It did not arrive: %(why)s", why=failure)) from failure
    records.derive(Channel, Channel.id == channel.id, last_error="", failures=0, last_sent_at=utcnow())
    audit.note("test", channel, {"to": str(to or channel)})


def send_again(delivery: Delivery) -> None:
    """Take a failed delivery up again, with all its attempts. Raises Refused for any other."""
    again = (Delivery.id == delivery.id) & (Delivery.state == DeliveryState.PARKED)
    values = {"state": DeliveryState.WAITING, "attempts": 0, "error": "", "due_at": utcnow()}
    with transaction():
        if not Delivery.update(**values).where(again).execute():
            raise Refused(_("Only a failed delivery can be sent again."))
        audit.note("retry", delivery.channel, {"delivery": delivery.id})


# ── one's own ──────────────────────────────────────────────────────────────────────────────────


def set_preference(person: Person | None, values: Mapping[str, Any]) -> Preference:
    """Write when and by what somebody (None: everybody who has said nothing) wants to be told.

    `quiet_from` and `quiet_until` are minutes after midnight, both or neither; `without` are ids of channels.
    """
    identity = asking()
    values = dict(values)
    begin, end = values.get("quiet_from"), values.get("quiet_until")
    if (begin is None) != (end is None):
        raise Refused(_("Quiet hours have a beginning and an end."), "quiet_until" if end is None else "quiet_from")
    if any(minute is not None and not 0 <= minute < 1440 for minute in (begin, end)):
        raise Refused(_("Enter a time from 00:00 to 23:59."), "quiet_from")
    if values.get("locale", "") not in ("", *LOCALES):
        raise Refused(_("Choose a language."), "locale")
    known = {c.id for c in Channel.select(Channel.id).where(Channel.institution == identity.institution)}
    values["without"] = sorted(known.intersection(values.get("without", ())))
    of = Preference.person.is_null() if person is None else Preference.person == person
    with transaction():
        row = Preference.get_or_none(Preference.institution == identity.institution, of)
        if row is None:
            return records.create(Preference, institution=identity.institution, person=person, **values)
        records.update(row, **values)
    return row


def inbox(person: Person, limit: int = 100) -> list[Message]:
    """What somebody was told and is not withdrawn; newest first."""
    mine = (Message.person == person.id) & Message.withdrawn_at.is_null()
    return list(Message.select().where(mine).order_by(Message.id.desc()).limit(limit))


def read(person: Person, up_to: int) -> int:
    """Mark what somebody was told as read, up to a message's id; gives how many were new."""
    unread = (Message.person == person.id) & (Message.id <= up_to) & Message.read_at.is_null()
    count: Any = Message.update(read_at=utcnow()).where(unread).execute()
    return int(count)


def own_delivery(delivery_id: Any) -> Delivery:
    """A delivery of the institution. Raises NotFound."""
    identity = asking()
    row = None
    if str(delivery_id).isdecimal() and len(str(delivery_id)) < 19:
        row = Delivery.get_or_none(Delivery.id == int(delivery_id), Delivery.institution == identity.institution.id)
    if row is None:
        raise NotFound(_("This page does not exist, or is not yours to see."))
    return row
