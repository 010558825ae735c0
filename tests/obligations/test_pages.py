"""The pages of obligations, notifications, background work and verification: they answer, act and refuse."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from panel import records
from panel.access.identity import acting_as
from panel.jobs.models import Run, RunState
from panel.notify.models import Channel, Message, Preference
from panel.obligations import services
from panel.obligations.models import Duty, Ladder, LadderStep, Obligation, State
from panel.obligations.tally import to_do
from tests.cast import World
from tests.obligations import conftest
from tests.obligations.conftest import TODAY, open_of

Make = Callable[..., Obligation]


@pytest.fixture
def uni(staffed: World) -> World:
    """Nobody is at work but whoever a client logs in."""
    return staffed


@pytest.fixture
def scan(app: Flask) -> Callable[[World], Any]:
    def look(world: World) -> Any:
        with app.app_context():
            return conftest.scan(world)

    return look


@pytest.fixture
def duty(app: Flask, uni: World) -> Make:
    """Enters a duty due in so many days and gives its open obligation."""
    count = iter(range(10**6))

    def make(days: int = 10, **values: Any) -> Obligation:
        given = {"name": f"培训 {next(count)}", "unit": uni.faculty, "first_due_on": TODAY + timedelta(days), **values}
        with app.test_request_context(), acting_as(uni.identity("alice")):
            return open_of(services.add_duty(given))

    return make


PAGES = [
    "/",
    "/obligations/work/",
    "/obligations/calendar/",
    "/obligations/calendar/?month=2026-02&all=1",
    "/obligations/calendar/?month=nonsense",
    "/obligations/obligation/",
    "/obligations/duty/",
    "/obligations/duty/presets/",
    "/obligations/ladder/",
    "/obligations/ladder/edit/?kind=obligations.duty",
    "/obligations/holiday/",
    "/notify/inbox/",
    "/notify/inbox/preferences/",
    "/notify/channel/",
    "/notify/channel/new/?kind=mail",
    "/notify/channel/new/?kind=wecom",
    "/notify/channel/defaults/",
    "/notify/outbox/",
    "/notify/outbox/?state=parked",
    "/notify/outbox/why/",
    "/jobs/work/",
    "/jobs/work/?state=failed",
    "/certification/renewal/",
    "/certification/review/",
    "/certification/window/",
    "/certification/budget/",
    "/certification/site/",
    "/certification/statistics/",
    "/certification/statistics/?year=2025",
]


@pytest.mark.parametrize("address", PAGES)
def test_every_page_answers_in_both_languages(duty: Make, scan: Any, uni: World, client_of: Any, address: str) -> None:
    duty(-3, person=uni.people["alice"])
    scan(uni)
    Run.insert(
        task="jobs.prune", institution=uni.uni, slot="x", state=RunState.FAILED, error="Traceback\nBoom"
    ).execute()
    for locale in ("zh_Hans_CN", "en"):
        page = client_of(uni.user("alice"), locale).get(address)
        assert page.status_code == 200, page.text[:2000]


@pytest.mark.parametrize("address", PAGES)
def test_nobody_without_a_right_gets_further_than_their_own(uni: World, client_of: Any, address: str) -> None:
    own = {"/", "/obligations/work/", "/notify/inbox/", "/notify/inbox/preferences/"}
    status = client_of(uni.user("dave")).get(address).status_code
    mine = address in own or address.startswith("/obligations/calendar/")
    assert status == (200 if mine else 403)
    assert client_of(None).get(address).status_code == 302


def test_ticking_off_with_a_file(duty: Make, uni: World, client_of: Any) -> None:
    row = duty(3, person=uni.people["dave"], unit=uni.office, asks_file=True, every_days=30)
    client = client_of(uni.user("dave"))
    refused = client.post("/obligations/work/done/", data={"id": row.id, "on": str(TODAY), "note": "已办"})
    assert refused.status_code == 422
    assert "已办" in refused.text
    sent = {"id": row.id, "on": str(TODAY), "note": "已办", "file": (io.BytesIO(b"%PDF-1.7 x"), "凭证.pdf")}
    assert client.post("/obligations/work/done/", data=sent).status_code == 302
    done = Obligation.get_by_id(row.id)
    assert (done.state, done.file_name) == (State.DONE, "凭证.pdf")
    paper = client.get(f"/obligations/work/paper/?id={row.id}")
    assert paper.status_code == 200
    paper = client_of(uni.user("alice")).get(f"/obligations/work/paper/?id={row.id}")
    assert paper.data == b"%PDF-1.7 x"
    assert paper.headers["Content-Disposition"].startswith("attachment")
    assert client_of(uni.user("bob")).get(f"/obligations/work/paper/?id={row.id}").status_code == 404


def test_a_file_that_is_no_document_is_refused(duty: Make, uni: World, client_of: Any) -> None:
    row = duty(3, person=uni.people["dave"], unit=uni.office)
    sent = {"id": row.id, "on": str(TODAY), "file": (io.BytesIO(b"<script>"), "x.html")}
    assert client_of(uni.user("dave")).post("/obligations/work/done/", data=sent).status_code == 422


@pytest.mark.parametrize(
    ("who", "status"), [("dave", 404), ("bob", 302), ("alice", 302), ("oscar", 404), ("carol", 404)]
)
def test_who_may_put_off(duty: Make, uni: World, client_of: Any, who: str, status: int) -> None:
    row = duty(3)
    data = {"id": row.id, "until": str(TODAY + timedelta(3)), "reason": "出差"}
    assert client_of(uni.user(who)).post("/obligations/work/later/", data=data).status_code == status


def test_assigning_and_waiving_need_their_permission(duty: Make, uni: World, client_of: Any) -> None:
    row = duty(3, person=uni.people["dave"], unit=uni.office)
    for act in ("give", "waive"):
        assert client_of(uni.user("dave")).get(f"/obligations/work/{act}/?id={row.id}").status_code == 403
    data = {"id": row.id, "person-id": uni.people["bob"].id, "person": "Bob"}
    assert client_of(uni.user("alice")).post("/obligations/work/give/", data=data).status_code == 302
    assert Obligation.get_by_id(row.id).person_id == uni.people["bob"].id
    data = {"id": row.id, "reason": "停课"}
    assert client_of(uni.user("alice")).post("/obligations/work/waive/", data=data).status_code == 302


@pytest.mark.parametrize("bad", ["", "x", "0", "99999999999999999999", "1 OR 1=1"])
def test_an_id_that_is_none(uni: World, client_of: Any, bad: str) -> None:
    for act in ("done", "later", "give", "waive"):
        assert (
            client_of(uni.user("alice")).get(f"/obligations/work/{act}/", query_string={"id": bad}).status_code == 404
        )


def test_the_private_link_opens_until_it_is_taken_back(duty: Make, uni: World, client_of: Any) -> None:
    duty(3, person=uni.people["dave"], unit=uni.office, name="备份；一,二")
    client = client_of(uni.user("dave"))
    client.post("/obligations/calendar/link/", data={"act": "make"})
    shown = re.search(
        r"<code>[^<]*(/obligations/calendar/feed/[^<]+)</code>", client.get("/obligations/calendar/").text
    )
    assert shown
    assert "<code>" not in client.get("/obligations/calendar/").text  # once
    ics = client_of(None).get(shown[1])
    assert ics.mimetype == "text/calendar"
    text = ics.text.replace("\r\n ", "")
    assert f"DTSTART;VALUE=DATE:{TODAY + timedelta(3):%Y%m%d}" in text
    assert "备份；一\\,二" in text
    assert all(len(line.encode()) <= 75 for line in ics.text.split("\r\n"))
    client.post("/obligations/calendar/link/", data={"act": "revoke"})
    assert client_of(None).get(shown[1]).status_code == 404


def test_a_ladder_is_previewed_then_saved_then_given_up(duty: Make, uni: World, client_of: Any) -> None:
    duty(20)
    client = client_of(uni.user("alice"))
    typed = {
        "kind": "obligations.duty",
        "active": "y",
        "before": "20、10，0",
        "repeat_every": "5",
        "lead_after": "2",
        "office_after": "",
        "hour": "9",
        "snooze_times": "1",
        "snooze_days": "3",
        "due": "2026-02-16",
    }
    page = client.post("/obligations/ladder/edit/", data={**typed, "act": "show"})
    assert "2026-01-27" in page.text
    assert Ladder.select().count() == 0
    assert client.post("/obligations/ladder/edit/", data={**typed, "act": "save"}).status_code == 302
    assert sorted(s.day for s in LadderStep.select()) == [-20, -10, 0, 2]
    assert Ladder.get().snooze_times == 1
    for wrong in ({"before": "a"}, {"before": ""} | {"lead_after": ""}, {"repeat_every": "0"}, {"hour": "25"}):
        refused = client.post("/obligations/ladder/edit/", data={**typed, **wrong, "act": "save"})
        assert refused.status_code == 422
    client.post("/obligations/ladder/preset/", data={"kind": "obligations.duty"})
    assert LadderStep.select().count() == 0


def test_presets_become_duties(uni: World, client_of: Any) -> None:
    data = {"presets": ["training", "platform"], "unit": uni.office.name, "unit-id": uni.office.id}
    assert client_of(uni.user("alice")).post("/obligations/duty/presets/", data=data).status_code == 302
    assert Duty.select().count() == 2


def test_the_inbox_is_read(duty: Make, scan: Any, uni: World, client_of: Any) -> None:
    duty(0, person=uni.people["dave"], unit=uni.office)
    scan(uni)
    client = client_of(uni.user("dave"))
    assert "培训 0" in client.get("/notify/inbox/").text
    client.post("/notify/inbox/", data={"newest": Message.select().first().id})
    assert Message.get().read_at is not None


def test_preferences_are_kept(uni: World, client_of: Any) -> None:
    client = client_of(uni.user("dave"))
    data = {"quiet_from": "22:00", "quiet_until": "7:30", "digest": "y", "locale": "en"}
    assert client.post("/notify/inbox/preferences/", data=data).status_code == 302
    assert (Preference.get().quiet_from, Preference.get().quiet_until) == (22 * 60, 450)
    for wrong in ({"quiet_from": "25:00"}, {"quiet_until": ""}, {"locale": "xx"}):
        assert client.post("/notify/inbox/preferences/", data={**data, **wrong}).status_code == 422


def test_a_channel_shows_no_secret(uni: World, client_of: Any) -> None:
    client = client_of(uni.user("alice"))
    data = {"kind": "dingtalk", "name": "群", "active": "y", "url": "https://93.184.216.34/robot?access_token=hush"}
    assert client.post("/notify/channel/new/", data={**data, "sign": "hushhush"}).status_code == 302
    channel = Channel.get()
    for address in ("/notify/channel/", f"/notify/channel/edit/?id={channel.id}"):
        assert "hush" not in client.get(address).text
    assert (
        client.post("/notify/channel/edit/", data={"id": channel.id, "name": "大群", "active": "y"}).status_code == 302
    )
    assert Channel.get().name == "大群"
    refused = client.post("/notify/channel/new/", data={**data, "url": "http://127.0.0.1/"})
    assert refused.status_code == 422
    assert client_of(uni.user("oscar")).get(f"/notify/channel/edit/?id={channel.id}").status_code == 404


def test_background_work_is_asked_for_again(uni: World, client_of: Any) -> None:
    client = client_of(uni.user("alice"))
    assert client.post("/jobs/work/now/", data={"task": "obligations.settle"}).status_code == 302
    run = Run.get(Run.task == "obligations.settle")
    assert client.get(f"/jobs/work/run/?id={run.id}").status_code == 200
    assert client.post("/jobs/work/cancel/", data={"id": run.id}).status_code == 302
    assert Run.get_by_id(run.id).state == RunState.CANCELLED
    client.post("/jobs/work/retry/", data={"id": run.id})
    assert Run.get_by_id(run.id).state == RunState.QUEUED
    assert client.post("/jobs/work/now/", data={"task": "jobs.prune"}).status_code == 404  # of the whole installation
    assert client_of(uni.user("root")).post("/jobs/work/now/", data={"task": "jobs.prune"}).status_code == 302
    assert client_of(uni.user("carol")).post("/jobs/work/retry/", data={"id": run.id}).status_code == 403
    assert client_of(uni.user("oscar")).get(f"/jobs/work/run/?id={run.id}").status_code == 404


def test_a_traceback_is_for_those_who_control(uni: World, client_of: Any) -> None:
    row = {"task": "jobs.prune", "institution": uni.uni, "slot": "x", "state": RunState.FAILED}
    Run.insert(**row, error="Traceback: secret place\nBoom").execute()
    address = f"/jobs/work/run/?id={Run.get().id}"
    assert "secret place" in client_of(uni.user("alice")).get(address).text
    assert "secret place" not in client_of(uni.user("carol")).get(address).text


def test_the_top_bar_counts_what_is_due_soon(duty: Make, uni: World, client_of: Any) -> None:
    to_do.forget()
    duty(3, person=uni.people["dave"], unit=uni.office)
    duty(90, person=uni.people["dave"], unit=uni.office)
    assert "<b>1</b>" in client_of(uni.user("dave")).get("/account").text


def test_why_nothing_was_sent_names_what_is_in_the_way(duty: Make, uni: World, client_of: Any) -> None:
    lost = records.create(type(uni.people["bob"]), institution=uni.uni, unit=uni.faculty, name="无处可寻")
    duty(3, person=lost)
    page = client_of(uni.user("alice")).get("/notify/outbox/why/").text
    assert "无处可寻" in page
    assert page.count("alert-danger") >= 2  # neither scheduler nor worker
