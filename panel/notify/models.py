"""What people are told, by which channel, and how far it got."""

from __future__ import annotations

from peewee import (
    SQL,
    BigIntegerField,
    BooleanField,
    CharField,
    Check,
    DateField,
    DoubleField,
    IntegerField,
    JSONField,
)

from panel.choices import Choice
from panel.database import BaseModel, RestrictedKey, SealedText, UtcDateTimeField, utcnow
from panel.i18n import _l
from panel.org.models import Institution, Owned, Person, Unit


class ChannelKind(Choice):
    """The ways a message can leave the house."""

    MAIL = "mail", _l("Mail")
    WECOM = "wecom", _l("WeCom group robot")
    DINGTALK = "dingtalk", _l("DingTalk group robot")
    FEISHU = "feishu", _l("Feishu group robot")
    WEBHOOK = "webhook", _l("Webhook")
    FOLDER = "folder", _l("Folder of mail files")


class Channel(Owned):
    """A way out: the institution's mail server, a robot of a group, somebody's own webhook.

    With a `unit` it is told what concerns that unit and those below; with a `person`, what concerns that person.
    """

    title, titles = _l("Channel"), _l("Channels")
    derived = ("secret", "tokens", "tokens_at", "failures", "last_error", "last_sent_at")
    verbs = {"secret_changed": _l("entered another secret")}
    refusals = {"notify_channel_named": _l("Give the channel a name.")}

    kind = CharField(max_length=20, choices=ChannelKind.pairs(), verbose_name=_l("Kind"))
    name = CharField(max_length=60, verbose_name=_l("Name"))
    unit = RestrictedKey(Unit, null=True, backref="+", verbose_name=_l("Only for the unit"))
    unit_id: int | None
    person = RestrictedKey(Person, null=True, backref="channels", verbose_name=_l("Only for the person"))
    person_id: int | None
    settings = JSONField(default=dict, verbose_name=_l("Settings"))  # what is no secret: host, port, sender
    secret = SealedText(verbose_name=_l("Secret"))  # sealed JSON: address with its key, password
    active = BooleanField(default=True, verbose_name=_l("Switched on"))

    # The token bucket of its rate limit, and how it fares; bookkeeping of the sender.
    tokens = DoubleField(default=0.0)
    tokens_at = UtcDateTimeField(null=True)
    failures = IntegerField(default=0)  # in a row
    last_error = CharField(max_length=300, default="", verbose_name=_l("Last failure"))
    last_sent_at = UtcDateTimeField(null=True, verbose_name=_l("Last sent"))

    class Meta:
        indexes = ((("institution", "active"), False),)
        constraints = [
            Check(ChannelKind.sql("kind"), name="notify_channel_kind"),
            Check("name <> ''", name="notify_channel_named"),
        ]

    def __str__(self) -> str:
        return self.name


class Preference(Owned):
    """When and by what a person wants to be told; the row without a person is the institution's rule for all others."""

    title, titles = _l("Reminder preferences"), _l("Reminder preferences")

    person = RestrictedKey(Person, null=True, backref="preferences", verbose_name=_l("Person"))
    person_id: int | None
    quiet_from = IntegerField(null=True, verbose_name=_l("Quiet from"))  # minutes after midnight
    quiet_until = IntegerField(null=True, verbose_name=_l("Quiet until"))
    digest = BooleanField(default=True, verbose_name=_l("One message a day"))
    without = JSONField(default=list)  # ids of the channels they do not want
    locale = CharField(max_length=20, default="", verbose_name=_l("Language"))

    class Meta:
        indexes = ((("institution", "person"), True),)
        constraints = [
            Check(
                "(quiet_from IS NULL) = (quiet_until IS NULL)"
                " AND (quiet_from IS NULL OR (quiet_from BETWEEN 0 AND 1439 AND quiet_until BETWEEN 0 AND 1439))",
                name="notify_preference_quiet",
            )
        ]

    def __str__(self) -> str:
        return str(self.person or self.institution)


Preference.add_index(
    Preference.index(
        Preference.institution, unique=True, where=SQL("person_id IS NULL"), name="notify_preference_institution"
    )
)


class Message(BaseModel):
    """Something a person is told, in their inbox. (person, key) is unique: nobody is told the same twice."""

    title, titles = _l("Message"), _l("Messages")

    institution = RestrictedKey(Institution, backref="+")
    person = RestrictedKey(Person, backref="+")
    person_id: int
    key = CharField(max_length=160)
    subject_type = CharField(max_length=80)
    subject_id = BigIntegerField()
    unit = RestrictedKey(Unit, null=True, backref="+")
    unit_id: int | None
    what = CharField(max_length=80, default="")  # the kind: its title is looked up in the reader's language
    text = CharField(max_length=300, default="")  # what it is about
    due_on = DateField(null=True)
    capacity = CharField(max_length=10, default="")  # why they are told: owner, lead, office
    details = JSONField(default=dict)
    urgent = BooleanField(default=False)
    created_at = UtcDateTimeField(default=utcnow)
    read_at = UtcDateTimeField(null=True)
    withdrawn_at = UtcDateTimeField(null=True)  # its reason is gone

    class Meta:
        indexes = (
            (("person", "key"), True),
            (("person", "id"), False),  # the inbox
            (("subject_type", "subject_id"), False),  # withdrawing; what was told of a record
        )


class DeliveryState(Choice):
    """Where a delivery stands."""

    WAITING = "waiting", _l("Waiting"), "state-wait"
    CLAIMED = "claimed", _l("Being sent"), "state-wait"
    SENT = "sent", _l("Sent"), "state-ok"
    PARKED = "parked", _l("Failed"), "state-bad"
    DROPPED = "dropped", _l("No longer needed"), "state-off"


class Delivery(BaseModel):
    """One message leaving by one channel: to a person, or to the group behind a robot. (channel, key) is unique."""

    title, titles = _l("Delivery"), _l("Deliveries")

    institution = RestrictedKey(Institution, backref="+", verbose_name=_l("Institution"))
    channel = RestrictedKey(Channel, backref="+", verbose_name=_l("Channel"))
    channel_id: int
    person = RestrictedKey(Person, null=True, backref="+", verbose_name=_l("To"))
    person_id: int | None
    key = CharField(max_length=80)
    state = CharField(
        max_length=10, choices=DeliveryState.pairs(), default=DeliveryState.WAITING.value, verbose_name=_l("State")
    )
    due_at = UtcDateTimeField(verbose_name=_l("Due"))
    attempts = IntegerField(default=0, verbose_name=_l("Attempts"))
    claim = CharField(max_length=40, default="")  # whose it is while it is being sent
    claimed_until = UtcDateTimeField(null=True)
    started_at = UtcDateTimeField(null=True)  # the sending itself began: it may have got through
    doubtful = IntegerField(default=0, verbose_name=_l("Perhaps doubled"))  # sender died while sending: sent again
    sent_at = UtcDateTimeField(null=True, verbose_name=_l("Sent"))
    error = CharField(max_length=300, default="", verbose_name=_l("Failure"))
    created_at = UtcDateTimeField(default=utcnow)

    class Meta:
        indexes = ((("channel", "key"), True), (("institution", "id"), False))
        constraints = [Check(DeliveryState.sql("state"), name="notify_delivery_state")]

    def __str__(self) -> str:
        return self.key


Delivery.add_index(
    # What a sender takes next: as small as what is unsent.
    Delivery.index(Delivery.channel, Delivery.due_at, where=SQL("state = 'waiting'"), name="notify_delivery_waiting")
)
Delivery.add_index(
    # What a sender left behind when it died.
    Delivery.index(Delivery.claimed_until, where=SQL("state = 'claimed'"), name="notify_delivery_claimed")
)


class Part(BaseModel):
    """A message in a delivery. A message leaves by a channel at most once."""

    message = RestrictedKey(Message, backref="+")
    message_id: int
    channel = RestrictedKey(Channel, backref="+")
    delivery = RestrictedKey(Delivery, backref="parts")
    delivery_id: int

    class Meta:
        indexes = ((("message", "channel"), True),)
