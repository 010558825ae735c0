"""The forms of a channel and of one's preferences."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, PasswordField, SelectField, SelectMultipleField
from wtforms.validators import Length

from panel.admin.fields import LineField, RefField, Required
from panel.admin.forms import RecordForm
from panel.errors import Refused
from panel.i18n import LOCALES, _, _l
from panel.notify.models import Channel, ChannelKind, Preference
from panel.notify.senders import SENDERS
from panel.org.models import Person, Unit

SECURITIES = (("none", _l("Not encrypted")), ("starttls", "STARTTLS"), ("tls", "TLS"))
KEPT = _l("Kept sealed and never shown again; empty: as it is.")


class ChannelForm(RecordForm):
    """A channel of one kind; the fields other kinds need are left out."""

    name = LineField(_l("Name"), [Required()], most=60)
    host = LineField(_l("Mail server"))
    port = LineField(_l("Port"), most=5)
    security = SelectField(_l("Encryption"), choices=SECURITIES)
    username = LineField(_l("User name"))
    sender = LineField(_l("Sender"), description=_l("For example panel@example.edu.cn"))
    password = PasswordField(_l("Password"), [Length(max=500)], description=KEPT)
    url = PasswordField(_l("Address (webhook)"), [Length(max=2000)], description=KEPT)
    sign = PasswordField(_l("Signing key"), [Length(max=500)], description=KEPT)
    unit = RefField(_l("Only for the unit"), Unit, description=_l("What concerns it and the units below."))
    person = RefField(_l("Only for the person"), Person)
    active = BooleanField(_l("Switched on"), default=True)

    MAIL = ("host", "port", "security", "username", "sender")

    def suit(self, kind: str) -> None:
        """Leave out what the kind does not know."""
        sender = SENDERS[kind]
        unwanted = set(self.MAIL) if kind != ChannelKind.MAIL else set()
        unwanted |= {"password", "url", "sign"} - set(sender.secrets)
        if sender.group:
            unwanted.add("person")
        if kind == ChannelKind.WECOM:
            unwanted.add("sign")
        for name in unwanted:
            del self[name]

    def show(self, channel: Channel) -> None:
        """Fill in what is stored and no secret."""
        for name in ("name", "active", "unit", "person"):
            if name in self:
                self.set(name, getattr(channel, name))
        for name in self.MAIL:
            if name in self:
                self.set(name, channel.settings.get(name, ""))

    def values(self) -> dict[str, Any]:
        """What is typed, as the services take it."""
        found = {name: self[name].data for name in ("name", "active", "unit", "person") if name in self}
        found["settings"] = {n: (self[n].data or "").strip() for n in self.MAIL if n in self}
        found["secrets"] = {n: self[n].data for n in ("password", "url", "sign") if n in self and self[n].data}
        return found


class PreferenceForm(RecordForm):
    """When and by what one wants to be told."""

    quiet_from = LineField(_l("Quiet from"), most=5, description=_l("For example 22:00; empty: never."))
    quiet_until = LineField(_l("until"), most=5)
    digest = BooleanField(_l("One message a day"), description=_l("Off: each reminder by itself."))
    locale = SelectField(_l("Language"), choices=())
    channels = SelectMultipleField(_l("Channels"), choices=())

    def __init__(self, *given: Any, channels: list[Channel], **options: Any) -> None:
        super().__init__(*given, **options)
        self.known = channels
        self.channels.choices = [(str(c.id), c.name) for c in channels]
        self.locale.choices = [("", _("As in the panel")), *LOCALES.items()]

    def show(self, wish: Preference) -> None:
        self.set("quiet_from", _clock(wish.quiet_from))
        self.set("quiet_until", _clock(wish.quiet_until))
        self.set("digest", wish.digest)
        self.set("locale", wish.locale)
        self.set("channels", [str(c.id) for c in self.known if c.id not in set(wish.without)])

    def values(self) -> dict[str, Any]:
        """What is typed, as the services take it. Raises Refused, naming the field."""
        wanted = set(self.channels.data or ())
        return {
            "quiet_from": _minutes(self.quiet_from.data, "quiet_from"),
            "quiet_until": _minutes(self.quiet_until.data, "quiet_until"),
            "digest": bool(self.digest.data),
            "locale": self.locale.data or "",
            "without": [c.id for c in self.known if str(c.id) not in wanted],
        }


def _clock(minutes: int | None) -> str:
    return "" if minutes is None else f"{minutes // 60:02}:{minutes % 60:02}"


def _minutes(text: str | None, name: str) -> int | None:
    text = (text or "").replace("：", ":").strip()
    if not text:
        return None
    hour, _colon, minute = text.partition(":")
    if not (hour.isdecimal() and (minute or "0").isdecimal() and int(hour) < 24 and int(minute or 0) < 60):
        raise Refused(_("Enter a time from 00:00 to 23:59."), name)
    return int(hour) * 60 + int(minute or 0)
