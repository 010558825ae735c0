"""Invitations and forgotten passwords, by mail to a real server on loopback."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from panel import records
from panel.access import attempts, letters, services
from panel.access.models import User
from panel.audit.models import Entry
from panel.errors import NotAllowed, Refused
from panel.jobs import runner
from panel.jobs.models import Run
from panel.notify.models import Channel
from tests.access.test_log_in import STORED
from tests.cast import World
from tests.notify.conftest import mail, smtp, uni  # noqa: F401  (fixtures)
from tests.notify.sinks import MailSink

ClientOf = Callable[..., FlaskClient]
NEW = {"password": "battery staple 8", "again": "battery staple 8"}


@pytest.fixture(autouse=True)
def _no_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    from panel.jobs import queue

    monkeypatch.setattr(queue, "send", lambda runs: 0)  # the work waits in the ledger; the test does it


def work() -> None:
    for run in Run.select().where(Run.task == letters.TASK, Run.state == "queued"):
        taken = runner.claim(run.id, "test")
        assert taken is not None
        task = letters.runtime().tasks[run.task]
        from panel import audit
        from panel.access.identity import acting_as

        user, here = runner.in_whose_name(taken)
        with acting_as(here), audit.acting("job", user=user, user_name=run.task):
            task(taken, **taken.args)
        Run.update(state="done").where(Run.id == run.id).execute()


def token_in(sink: MailSink) -> str:
    found = re.search(r"https://panel.example.edu/reset/(\S+)", sink.mails[-1].get_content())
    assert found, sink.mails[-1].get_content()
    return found[1]


@pytest.mark.one_database
def test_an_invitation_is_mailed_and_works_once(
    uni: World,  # noqa: F811
    mail: Channel,  # noqa: F811
    smtp: MailSink,  # noqa: F811
    client_of: ClientOf,
) -> None:
    admin = client_of(uni.user("alice"))
    assert "邮件邀请" in admin.get(f"/access/user/details/?id={uni.users['bob'].id}").text
    assert admin.post(f"/access/user/mail/?id={uni.users['bob'].id}").status_code == 302
    work()
    token = token_in(smtp)
    assert "开通登录" in smtp.mails[-1]["Subject"]
    assert "bob@example.edu" in smtp.mails[-1]["To"]
    bob = uni.user("bob")
    assert services.link_lasts(bob) == services.INVITATION_LASTS
    stored = " ".join(str(row) for row in [*Run.select().dicts(), *User.select().dicts(), *Entry.select().dicts()])
    assert token.partition(".")[2] not in stored
    made = Entry.get(Entry.action == "access.user.reset_link")
    assert (made.user_id, made.subject_id) == (uni.users["alice"].id, bob.id)
    client = client_of(None)
    assert client.post(f"/reset/{token}", data=NEW).status_code == 302
    assert client.post(f"/reset/{token}", data=NEW).status_code == 422
    assert services.log_in("bob", "battery staple 8")
    assert services.link_lasts(uni.user("bob")) == services.RESET_LASTS


@pytest.mark.one_database
def test_who_forgot_gets_a_link_and_nobody_learns_who_exists(
    uni: World,  # noqa: F811
    mail: Channel,  # noqa: F811
    smtp: MailSink,  # noqa: F811
    client_of: ClientOf,
) -> None:
    records.update(uni.users["bob"], password_hash=STORED)
    client = client_of(None)
    assert "/forgot" in client.get("/login").text
    said = [client.post("/forgot", data={"username": name}).text for name in ("bob", "nobody")]
    strip = lambda text: re.sub(r'value="[^"]*"', "", text)  # noqa: E731
    assert strip(said[0]) == strip(said[1])
    assert not smtp.mails
    work()
    assert len(smtp.mails) == 1
    assert "重设密码" in smtp.mails[-1]["Subject"]
    assert client.post(f"/reset/{token_in(smtp)}", data=NEW).status_code == 302
    for name in ("bob", "nobody"):
        answers = [client.post("/forgot", data={"username": name}).status_code for _try in range(4)]
        assert answers[-1] == 422, "a mailbox is not to be flooded"
    records.update(uni.users["dave"], active=False)
    for name in ("dave", "root"):
        client.post("/forgot", data={"username": name})
    work()
    assert all("bob@" in sent["To"] for sent in smtp.mails)


@pytest.mark.one_database
def test_no_link_is_mailed_where_that_would_be_unsafe(
    uni: World,  # noqa: F811
    mail: Channel,  # noqa: F811
    client_of: ClientOf,
    app: Flask,
) -> None:
    assert letters.channel_for(uni.user("bob")) == mail
    assert letters.channel_for(uni.user("root")) is None, "an institution's channel does not carry the installation"
    assert letters.channel_for(uni.user("oscar")) is None
    with pytest.raises((NotAllowed, Refused)):
        letters.ask(uni.user("root"))
    runtime: Any = app.extensions["zhangyin"]
    runtime.settings = replace(runtime.settings, address="")
    assert letters.channel_for(uni.user("bob")) is None, "no link is made from what a browser calls the panel"
    assert client_of(None).get("/forgot").status_code == 404
    assert "/forgot" not in client_of(None).get("/login", headers={"Host": "evil.example"}).text
    assert attempts.FORGOT.free < attempts.OWN.free
