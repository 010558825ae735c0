"""An institution with people to tell, channels to tell them by, and servers that listen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from panel import records
from panel.access.identity import acting_as
from panel.notify import services
from panel.notify.models import Channel
from panel.notify.outbox import Notice, Post
from panel.org.models import Person
from tests.cast import World
from tests.notify.sinks import MailSink, WebSink, mail_server, web_server


@pytest.fixture
def uni(app: Flask, world: World) -> Iterator[World]:
    """The university with alice at work; messages may go to loopback; everybody has a mail address."""
    runtime = app.extensions["zhangyin"]
    before = runtime.settings
    runtime.settings = replace(before, local_targets=True, address="https://panel.example.edu")
    for name, person in world.people.items():
        records.update(person, email=f"{name}@example.edu", phone="13800000000")
    with app.test_request_context(), acting_as(world.identity("alice")):
        yield world
    runtime.settings = before


@pytest.fixture
def smtp() -> Iterator[MailSink]:
    with mail_server() as sink:
        yield sink


@pytest.fixture
def web() -> Iterator[WebSink]:
    with web_server() as sink:
        yield sink


@pytest.fixture
def mail(uni: World, smtp: MailSink) -> Channel:
    """A mail channel to the SMTP server of this test."""
    settings = {"host": "127.0.0.1", "port": smtp.port, "sender": "掌印 <panel@example.edu>"}
    return services.add_channel({"kind": "mail", "name": "邮件", "settings": settings})


@pytest.fixture
def robot(uni: World, web: WebSink) -> Callable[..., Channel]:
    """Makes a channel of a kind to the HTTP server of this test."""

    def make(kind: str = "webhook", **values: Any) -> Channel:
        hidden = {"url": f"{web.url}/{kind}?key=abc", **values.pop("secrets", {})}
        return services.add_channel({"kind": kind, "name": kind, "secrets": hidden, **values})

    return make


def notice(person: Person, key: str = "k", **values: Any) -> Notice:
    values = {"what": "obligations.duty", "text": f"事项 {key}", **values}
    return Notice(person, key, "test.thing", values.pop("subject_id", 1), person.unit_id, **values)


def tell(world: World, *notices: Notice, **options: Any) -> int:
    return Post(world.uni, **options).tell(notices)
