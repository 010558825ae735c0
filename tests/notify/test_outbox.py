"""Telling: once, in a digest, by the channels wanted, outside quiet hours; sending: claimed, retried, parked."""

from __future__ import annotations

import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from panel import audit, records
from panel.audit.models import Entry
from panel.database import utcnow
from panel.errors import Refused
from panel.notify import buckets, deliver, outbox, secrets, services
from panel.notify.jobs import due_channels, forget
from panel.notify.models import Channel, Delivery, DeliveryState, Message, Part
from panel.notify.outbox import Post
from panel.notify.senders import Limit
from panel.runtime import runtime
from tests.cast import World
from tests.notify.conftest import notice, tell
from tests.notify.sinks import MailSink, WebSink

Robot = Callable[..., Channel]


def states() -> list[str]:
    return [str(d.state) for d in Delivery.select().order_by(Delivery.id)]


def due_now() -> None:
    Delivery.update(due_at=utcnow() - timedelta(seconds=1)).where(Delivery.state == DeliveryState.WAITING).execute()


# ── telling ────────────────────────────────────────────────────────────────────────────────────


def test_the_same_is_told_once(uni: World, mail: Channel) -> None:
    bob = uni.people["bob"]
    assert tell(uni, notice(bob), notice(bob)) == 1
    assert tell(uni, notice(bob)) == 0
    assert (Message.select().count(), Delivery.select().count(), Part.select().count()) == (1, 1, 1)


def test_one_message_a_person_channel_and_day(uni: World, mail: Channel, smtp: MailSink) -> None:
    bob, dave = uni.people["bob"], uni.people["dave"]
    tell(uni, notice(bob, "a"), notice(dave, "b"), notice(bob, "c"))
    tell(uni, notice(bob, "d"))
    assert deliver.drain(mail.id)["sent"] == 2
    assert sorted(str(m["To"]) for m in smtp.mails) == ["Bob <bob@example.edu>", "Dave <dave@example.edu>"]
    text = next(m for m in smtp.mails if "Bob" in m["To"]).get_content()
    assert [key in text for key in ("事项 a", "事项 c", "事项 d", "https://panel.example.edu")] == [True] * 4
    tell(uni, notice(bob, "late"))  # today's has left
    waiting = Delivery.get(Delivery.state == DeliveryState.WAITING)
    tomorrow = utcnow().astimezone(Post(uni.uni).zone).date() + timedelta(days=1)
    assert waiting.key == f"{bob.id}:{tomorrow}"
    tell(uni, notice(bob, "later"))
    assert len(states()) == 3


def test_what_is_urgent_leaves_by_itself(uni: World, mail: Channel, smtp: MailSink) -> None:
    bob = uni.people["bob"]
    tell(uni, notice(bob, "a"), notice(bob, "b", urgent=True))
    assert deliver.drain(mail.id)["sent"] == 2


def test_what_is_withdrawn_never_leaves(uni: World, mail: Channel, smtp: MailSink) -> None:
    bob = uni.people["bob"]
    tell(uni, notice(bob, "a", subject_id=1), notice(bob, "b", subject_id=2), notice(uni.people["dave"], "a"))
    outbox.withdraw("test.thing", [1])
    counts = deliver.drain(mail.id)
    assert (counts["sent"], counts["dropped"]) == (1, 1)
    assert "事项 a" not in smtp.mails[0].get_content()
    assert [m.text for m in services.inbox(bob)] == ["事项 b"]


def test_each_is_told_in_their_own_language(uni: World, mail: Channel, smtp: MailSink) -> None:
    bob, dave = uni.people["bob"], uni.people["dave"]
    services.set_preference(bob, {"locale": "en"})
    today = utcnow().astimezone(Post(uni.uni).zone).date()
    tell(uni, *(notice(p, due_on=today - timedelta(3)) for p in (bob, dave)))
    deliver.drain(mail.id)
    texts = {str(m["To"]).split()[0]: m.get_content() for m in smtp.mails}
    assert "3 days overdue" in texts["Bob"]
    assert "3 days overdue" not in texts["Dave"]


def test_channels_of_a_unit_a_person_and_those_not_wanted(uni: World, mail: Channel, robot: Robot) -> None:
    of_faculty = robot("wecom", unit=uni.faculty)
    of_dave = robot("webhook", person=uni.people["dave"])
    services.set_preference(uni.people["dave"], {"without": [mail.id]})
    post = Post(uni.uni)
    assert post.ways(uni.people["bob"], uni.lab.id) == [mail, of_faculty]
    assert post.ways(uni.people["bob"], uni.office.id) == [mail]
    assert post.ways(uni.people["dave"], uni.office.id) == [of_dave]


def test_a_group_is_told_once_for_all_with_names(uni: World, robot: Robot, web: WebSink) -> None:
    channel = robot("wecom")
    tell(uni, notice(uni.people["bob"], "a"), notice(uni.people["dave"], "b"))
    assert deliver.drain(channel.id)["sent"] == 1
    content = web.posts[0][2]["text"]["content"]
    assert "Bob：" in content
    assert "Dave：" in content


@pytest.mark.parametrize(
    ("now", "begins", "ends", "expected"),
    [
        ("2026-03-02 23:00", 22, 7, "2026-03-03 07:00"),
        ("2026-03-02 03:00", 22, 7, "2026-03-02 07:00"),
        ("2026-03-02 12:00", 22, 7, "2026-03-02 12:00"),
        ("2026-03-02 13:00", 12, 14, "2026-03-02 14:00"),
        ("2026-03-02 07:00", 22, 7, "2026-03-02 07:00"),
    ],
)
def test_quiet_hours(uni: World, now: str, begins: int, ends: int, expected: str) -> None:
    services.set_preference(None, {"quiet_from": begins * 60, "quiet_until": ends * 60})
    post = Post(uni.uni)

    def shanghai(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=post.zone).astimezone(UTC)

    assert post.allowed(shanghai(now), uni.people["bob"].id) == shanghai(expected)


# ── sending ────────────────────────────────────────────────────────────────────────────────────


def test_a_channel_that_fails_is_retried_ever_later_then_parked(uni: World, robot: Robot, web: WebSink) -> None:
    channel = robot()
    web.answer = lambda body: (503, {})
    tell(uni, notice(uni.people["bob"]))
    waits = []
    for _attempt in range(deliver.ATTEMPTS):
        due_now()
        deliver.drain(channel.id)
        waits.append((Delivery.get().due_at - utcnow()).total_seconds())
    assert states() == ["parked"]
    assert waits[:3] == [pytest.approx(60, abs=5), pytest.approx(240, abs=5), pytest.approx(960, abs=5)]
    assert Delivery.get().error == "HTTP 503"
    assert Channel.get_by_id(channel.id).failures == deliver.ATTEMPTS
    web.answer = lambda body: (200, {})
    services.send_again(Delivery.get())
    assert deliver.drain(channel.id)["sent"] == 1
    with pytest.raises(Refused):
        services.send_again(Delivery.get())


def test_a_channel_that_is_down_is_left_alone_after_three_tries(uni: World, robot: Robot, web: WebSink) -> None:
    channel = robot()
    web.answer = lambda body: (503, {})
    tell(uni, *(notice(p) for p in uni.people.values() if p.institution_id == uni.uni.id))
    deliver.drain(channel.id)
    assert len(web.posts) == deliver.GIVE_UP_AFTER
    assert set(states()) == {"waiting"}


def test_a_refused_recipient_is_parked_and_blocks_nobody(uni: World, mail: Channel, smtp: MailSink) -> None:
    smtp.answer = lambda to: "550 no such user" if to.startswith("bob") else "250 OK"
    tell(uni, notice(uni.people["bob"]), notice(uni.people["dave"]))
    counts = deliver.drain(mail.id)
    assert (counts["sent"], counts["parked"]) == (1, 1)
    assert "550" in Delivery.get(Delivery.state == DeliveryState.PARKED).error


def test_a_letter_that_cannot_be_written_is_parked(uni: World, mail: Channel) -> None:
    records.update(uni.people["bob"], email="bob@@nowhere @")
    tell(uni, notice(uni.people["bob"]))
    assert deliver.drain(mail.id)["parked"] == 1


def test_what_a_dead_sender_left_is_taken_up_and_a_possible_double_is_counted(
    uni: World, robot: Robot, web: WebSink
) -> None:
    channel = robot()
    tell(uni, notice(uni.people["bob"]), notice(uni.people["dave"]))
    past = utcnow() - timedelta(seconds=1)
    first, second = Delivery.select().order_by(Delivery.id)
    dead = {"state": DeliveryState.CLAIMED, "claim": "gone", "claimed_until": past}
    Delivery.update(**dead, started_at=past).where(Delivery.id == first.id).execute()
    Delivery.update(**dead).where(Delivery.id == second.id).execute()
    assert due_channels() == [channel]
    counts = deliver.drain(channel.id)
    assert (counts["recovered"], counts["sent"]) == (2, 2)
    assert [d.doubtful for d in Delivery.select().order_by(Delivery.id)] == [1, 0]


def test_a_claim_that_another_holds_is_left_alone(uni: World, robot: Robot, web: WebSink) -> None:
    channel = robot()
    tell(uni, notice(uni.people["bob"]))
    later = utcnow() + timedelta(minutes=1)
    Delivery.update(state=DeliveryState.CLAIMED, claim="other", claimed_until=later).execute()
    assert deliver.drain(channel.id)["sent"] == 0
    assert web.posts == []


# ── the rate limit ─────────────────────────────────────────────────────────────────────────────


def test_never_more_than_twenty_in_any_minute(uni: World, robot: Robot) -> None:
    channel, limit = robot("wecom"), Limit(burst=10, per_minute=10)
    now, sent = utcnow(), []
    for second in range(0, 300, 1):
        at = now + timedelta(seconds=second)
        while not buckets.take(channel.id, limit, at):
            sent.append(second)
    assert max(sum(1 for s in sent if start <= s < start + 60) for start in range(300)) <= 20
    assert len(sent) >= 50


def test_the_limit_puts_the_rest_off_and_loses_nothing(uni: World, robot: Robot, web: WebSink) -> None:
    channel = robot("wecom")
    tell(uni, *(notice(uni.people["bob"], str(n), urgent=True) for n in range(14)))
    assert deliver.drain(channel.id)["sent"] == 10
    assert sorted(states()) == ["sent"] * 10 + ["waiting"] * 4
    assert Delivery.select().where(Delivery.due_at > utcnow()).count() == 4


def test_a_channel_that_asks_for_silence_gets_it(uni: World, robot: Robot, web: WebSink) -> None:
    channel = robot("dingtalk")
    web.answer = lambda body: (200, {"errcode": 130101, "errmsg": "send too fast"})
    tell(uni, *(notice(uni.people["bob"], str(n), urgent=True) for n in range(3)))
    deliver.drain(channel.id)
    assert len(web.posts) == 1
    assert min(d.due_at for d in Delivery.select()) > utcnow() + timedelta(minutes=9)
    due_now()
    deliver.drain(channel.id)
    assert len(web.posts) == 1


# ── secrets ────────────────────────────────────────────────────────────────────────────────────


def test_secrets_are_sealed_and_in_no_audit(uni: World, robot: Robot) -> None:
    channel = robot("dingtalk", secrets={"sign": "SEC-hush"})
    assert "hush" not in channel.secret
    assert secrets.unsealed(channel)["sign"] == "SEC-hush"
    services.change_channel(channel, None, {"name": "群", "secrets": {"sign": ""}})
    assert secrets.unsealed(channel)["sign"] == "SEC-hush"
    assert not [e for e in Entry.select() if "hush" in str(e.after)]
    assert stat.S_IMODE(uni_key().stat().st_mode) == 0o600


def uni_key() -> Path:
    return runtime().settings.vault_file


def test_a_channel_whose_secret_cannot_be_read_fails_visibly(uni: World, robot: Robot) -> None:
    channel = robot()
    tell(uni, notice(uni.people["bob"]))
    uni_key().unlink()
    deliver.drain(channel.id)
    assert "vault.key" in Channel.get_by_id(channel.id).last_error
    assert states() == ["waiting"]


# ── verbs ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"kind": "fax"}, "kind"),
        ({"kind": "mail", "settings": {"host": "h", "port": 25}}, "sender"),
        ({"kind": "mail", "settings": {"host": "h", "port": 0, "sender": "a@b"}}, "port"),
        ({"kind": "wecom", "secrets": {"url": "ftp://x"}}, "url"),
        ({"kind": "webhook", "secrets": {}}, "url"),
    ],
)
def test_a_channel_that_cannot_work_names_the_field(uni: World, values: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as refusal:
        services.add_channel({"name": "x", **values})
    assert refusal.value.field == field


def test_a_test_message_says_what_the_channel_answered(uni: World, robot: Robot, web: WebSink, mail: Channel) -> None:
    services.send_test(mail, uni.people["bob"])
    channel = robot("wecom")
    web.answer = lambda body: (200, {"errcode": 93000, "errmsg": "invalid webhook url"})
    with pytest.raises(Refused, match="93000 invalid webhook url"):
        services.send_test(channel, None)
    assert [e.action for e in audit.history(channel)][:1] == ["notify.channel.test_failed"]


def test_old_messages_are_forgotten(uni: World, mail: Channel) -> None:
    tell(uni, notice(uni.people["bob"]))
    assert forget(uni.uni) == 0
    Message.update(created_at=utcnow() - timedelta(days=500)).execute()
    Delivery.update(created_at=utcnow() - timedelta(days=500)).execute()
    assert forget(uni.uni) == 1
    assert Delivery.select().count() == 0
