"""The verbs on notices: compose, send or copy, receipts, reminders that name who is silent, explanations."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from panel.api import (
    NotFound,
    Person,
    Refused,
    _,
    enqueue,
    policy_of,
    post_to_channel,
    records,
    show_time,
    today,
    transaction,
    utcnow,
)
from plugins.groupchat.belonging import expected_in
from plugins.groupchat.choices import GroupKind, MemberState, NoticeKind, NoticeState, Via
from plugins.groupchat.groups import Group, Member
from plugins.groupchat.policy import GroupPolicy
from plugins.groupchat.posts import Notice, Receipt
from plugins.groupchat.receipts import fits, is_answer
from plugins.groupchat.register import me
from plugins.groupchat.rulesets import quiet_times

KINDS = tuple(NoticeKind)
WORK_KINDS, CLASS_KINDS = KINDS[:5], KINDS[5:]
LEAD_IN = "收到请回复："
ROBOT_BYTES = 2048
PAPER_REASONS = ("张贴", "存档")


def kinds_for(group: Group) -> tuple[NoticeKind, ...]:
    """What a post in a group may be: work groups and class groups carry different things (s1-23-r01, s1-23-r09)."""
    return CLASS_KINDS if group.kind in (GroupKind.CLASS, GroupKind.PARENTS) else WORK_KINDS


def compose(notice: Notice) -> str:
    """The text as it is posted. It ends with the prescribed line, exactly once (s1-23-r15, s1-23-r17)."""
    policy = _policy(notice.group)
    last = f"{LEAD_IN}{notice.wording or policy.receipt_wording}" if notice.needs_receipt else policy.no_receipt_line
    lines = [line.rstrip() for line in notice.text.strip().splitlines()]
    while lines and (not lines[-1] or lines[-1] == last or lines[-1].startswith(("收到请回复", "此条信息不必回复"))):
        lines.pop()
    if notice.link:
        lines.append(notice.link)
    if notice.needs_receipt and notice.complete_by:
        lines.append(_("Answers until %(time)s.", time=show_time(notice.complete_by)))
    return "\n".join([*lines, last] if last else lines)


def prepare(values: dict[str, Any]) -> Notice:
    """Prepare a notice. Raises Refused where it is too long without a link, falls in quiet hours, is of a kind that
    does not belong in the group, or is wanted on paper without a reason."""
    values = _checked(dict(values))
    values.setdefault("author", me())
    return records.create(Notice, institution=values["group"].institution_id, **_without(values, "institution"))


def change_notice(notice: Notice, expected_version: int | None, values: dict[str, Any]) -> None:
    """Change what has not been posted yet."""
    with transaction():
        stored = Notice.get_by_id(notice.id)
        if stored.state != NoticeState.DRAFT:
            raise Refused(_("The notice is out already; write another one."))
        together = {**{name: getattr(stored, name) for name in Notice._meta.fields}, **values}
        checked = _checked(together)
        records.update(notice, expected_version, **{name: checked.get(name) for name in {*values, "wording"}})


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    group, policy = values["group"], _policy(values["group"])
    if NoticeKind(values["kind"]) not in kinds_for(group):
        allowed = "、".join(str(kind.label) for kind in kinds_for(group))
        raise Refused(_("In this group a post is one of: %(kinds)s", kinds=allowed), "kind")
    text = str(values.get("text") or "").strip()
    if not text:
        raise Refused(_("Write the text."), "text")
    if policy.max_length and len(text) > policy.max_length and not values.get("link"):
        raise Refused(
            _("%(count)s characters; at most %(most)s. Use a link.", count=len(text), most=policy.max_length), "text"
        )
    if values.get("paper") and values.get("paper_reason") not in PAPER_REASONS:
        raise Refused(_("Paper only for posting or filing: give the reason."), "paper_reason")
    if values.get("planned_at") is not None:
        refuse_quiet(group, values["planned_at"])
    if values.get("needs_receipt") and not values.get("wording"):
        values["wording"] = policy.receipt_wording
    return values


def refuse_quiet(group: Group, at: datetime) -> None:
    """Raises Refused for a time in the group's quiet hours (s1-23-r21, s1-14-r10)."""
    if in_quiet_hours(group, at):
        raise Refused(_("%(time)s lies in the group's quiet hours.", time=show_time(at)), "planned_at")


def in_quiet_hours(group: Group, at: datetime) -> bool:
    """Whether nobody posts in a group at a time."""
    local = at.astimezone(ZoneInfo(group.institution.time_zone))
    return quiet_times(group).quiet(local.date(), local.hour * 60 + local.minute)


def send(notice: Notice, by_hand: bool = True) -> list[tuple[Person, str]]:
    """Post a notice: through the group's robot, or by hand (copied from the page). Opens the list of receipts, and
    gives the personal keys of the receipt links, which are known at this moment only.

    In quiet hours nothing is posted: an urgent notice becomes a list of people to call (s1-23-r22), any other is
    refused. Raises Refused where the robot does not take it, and then nothing is sent.
    """
    with transaction():
        stored = Notice.get_by_id(notice.id)
        if stored.state not in (NoticeState.DRAFT, NoticeState.CALLS):
            raise Refused(_("The notice is out already; write another one."))
        now = utcnow()
        if in_quiet_hours(stored.group, now):
            if not stored.urgent:
                refuse_quiet(stored.group, now)
            records.update(notice, state=NoticeState.CALLS.value)
            return []
        keys = open_receipts(stored) if stored.needs_receipt else []
        records.update(notice, state=NoticeState.SENT.value, sent_at=now)
        if not by_hand:
            _through_robot(stored, "notice")
    return keys


def _through_robot(notice: Notice, what: str) -> None:
    """Have the robot post it once this is committed."""
    if notice.group.channel is None:
        raise Refused(_("The group has no robot. Copy the text and post it by hand."))
    text = compose(notice) if what == "notice" else reminder(notice)
    size = len(f"{notice.subject}\n{text}".encode())
    if size > ROBOT_BYTES:
        raise Refused(
            _("%(count)s bytes; a robot takes %(most)s. Shorten the text or use a link.", count=size, most=ROBOT_BYTES),
            "text",
        )
    args = {"notice_id": notice.id, "what": what}
    enqueue("groupchat.post", institution=notice.institution, args=args, key=f"{notice.id}-{what}")


def post(notice: Notice, what: str) -> None:
    """Let the robot post the notice or its reminder; for the background. Its failure is kept with the notice."""
    text = compose(notice) if what == "notice" else reminder(notice)
    if not text:
        return
    try:
        post_to_channel(notice.group.channel, notice.id, notice.subject, text)
    except Refused as refusal:
        records.derive(Notice, Notice.id == notice.id, post_error=str(refusal)[:300])
        raise
    records.derive(Notice, Notice.id == notice.id, post_error="", posted_at=utcnow())


def open_receipts(notice: Notice) -> list[tuple[Person, str]]:
    """Open the list of receipts; gives the key of each person's link."""
    there = {receipt.person_id for receipt in Receipt.select().where(Receipt.notice == notice)}
    people = [p for p in addressed(notice.group) if p.id not in there and p != notice.author]
    keys = [(person, secrets.token_urlsafe(18)) for person in people]
    records.bulk_create(
        Receipt,
        [
            {"institution": notice.institution_id, "notice": notice, "person": person, "token": _hashed(key)}
            for person, key in keys
        ],
    )
    return keys


def addressed(group: Group) -> list[Person]:
    """Who is to answer: the members in service; who belongs, where no list was taken in yet."""
    members = (
        Member.select(Member, Person)
        .join(Person)
        .where(Member.group == group, Member.state == MemberState.PRESENT)
        .order_by(Person.name)
    )
    people = list(dict.fromkeys(m.person for m in members if m.person.in_service()))
    return people or expected_in(group)


def to_call(notice: Notice) -> list[Person]:
    """Whom an urgent notice concerns, with their telephones (s1-23-r22)."""
    return addressed(notice.group) if notice.state == NoticeState.CALLS else []


# ── receipts ───────────────────────────────────────────────────────────────────────────────────


def answer(receipt: Receipt, text: str, via: Via = Via.HAND, at: datetime | None = None) -> None:
    """Enter an answer. In other words than asked for it is marked so, and may be made good (s1-23-r18)."""
    with transaction():
        stored = Receipt.get_by_id(receipt.id)
        notice = stored.notice
        good = fits(text, notice.wording) or (not notice.exact and is_answer(text))
        if stored.fits and not good:
            return
        values = {"given_at": at or utcnow(), "text": text.strip()[:200], "fits": good, "via": via.value}
        records.update(receipt, None, **values)


def by_key(key: str) -> Receipt:
    """The receipt a personal link leads to. Raises NotFound."""
    found: Receipt | None = Receipt.get_or_none(Receipt.token == _hashed(key)) if 10 < len(key) < 60 else None
    if found is None:
        raise NotFound(_("This page does not exist, or is not yours to see."))
    return found


def answer_by_link(receipt: Receipt) -> None:
    """Whoever holds the link answers in the words asked for; a second time changes nothing."""
    if not receipt.fits:
        answer(receipt, receipt.notice.wording, Via.LINK)


def new_links(notice: Notice) -> list[tuple[Person, str]]:
    """Fresh keys for all who have not answered; the ones before end."""
    keys = []
    with transaction():
        for receipt in missing(notice):
            key = secrets.token_urlsafe(18)
            records.update(receipt, token=_hashed(key))
            keys.append((receipt.person, key))
    return keys


def _hashed(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def missing(notice: Notice) -> list[Receipt]:
    """Who has not answered as asked."""
    query = Receipt.select(Receipt, Person).join(Person).where(Receipt.notice == notice, ~Receipt.fits)
    return list(query.order_by(Person.name, Person.id))


def reminder(notice: Notice, at: datetime | None = None) -> str:
    """The text that names who has not answered; empty before the time for answers is over, and with nobody missing."""
    if notice.state != NoticeState.SENT or notice.complete_by is None or (at or utcnow()) < notice.complete_by:
        return ""
    people = "、".join(receipt.person.name for receipt in missing(notice))
    if not people:
        return ""
    return _(
        "Reminder: “%(subject)s” is not answered yet by %(people)s. Please answer: %(wording)s",
        subject=notice.subject,
        people=people,
        wording=notice.wording,
    )


def remind(notice: Notice, by_hand: bool = True) -> str:
    """Note that the reminder was posted; from now on an explanation is due (s1-23-r16, s1-23-r19)."""
    with transaction():
        text = reminder(notice)
        if not text:
            raise Refused(_("Nobody is to be reminded now."))
        if not by_hand:
            _through_robot(notice, "reminder")
        now = utcnow()
        for receipt in missing(notice):
            records.update(receipt, reminded_at=now)
        records.update(notice, reminded_at=now)
    return text


def explain(receipt: Receipt, text: str) -> None:
    """Enter the explanation of who stayed silent. Raises Refused for an empty one."""
    if not text.strip():
        raise Refused(_("Write the explanation."), "explanation")
    records.update(receipt, explanation=text.strip(), explained_at=utcnow())


def explanation_due(receipt: Receipt) -> date | None:
    """By the end of which day an explanation is due; None where none is."""
    if receipt.reminded_at is None or receipt.fits or receipt.explained_at is not None:
        return None
    days = _policy(receipt.notice.group).explanation_days
    if days is None:
        return None
    zone = ZoneInfo(receipt.notice.group.institution.time_zone)
    return receipt.reminded_at.astimezone(zone).date() + timedelta(days=days)


def overdue(receipts: Iterable[Receipt], day: date | None = None) -> list[Receipt]:
    """Whose explanation is overdue: for the sender."""
    on = day or today()
    return [r for r in receipts if (due := explanation_due(r)) is not None and due < on]


def _policy(group: Group) -> GroupPolicy:
    return policy_of(GroupPolicy, group.institution_id, today()) or GroupPolicy()


def _without(values: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in names}
