"""The senders against real servers: what they say on the wire, and what they make of the answers."""

from __future__ import annotations

import base64
import hashlib
import hmac
import socket
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.notify import secrets, services
from panel.notify.models import Channel
from panel.notify.senders import SENDERS, Letter, SendFailed
from panel.notify.senders.base import cut
from panel.notify.senders.folder import folder_of
from panel.notify.senders.guard import _may_be_reached, dial, refuse_address, split_address
from panel.runtime import runtime
from tests.cast import World
from tests.notify.sinks import MailSink, WebSink

Robot = Callable[..., Channel]


def send(channel: Channel, *letters: Letter) -> None:
    with SENDERS[channel.kind].open(channel, secrets.unsealed(channel)) as session:
        for letter in letters:
            session.send(letter)


@given(st.text(max_size=300), st.integers(3, 200))
def test_a_text_is_cut_between_characters(text: str, limit: int) -> None:
    short = cut(text, limit)
    assert len(short.encode()) <= limit
    assert short == text or (short.endswith("…") and text.startswith(short[:-1]))


def test_wecom_takes_2048_bytes_and_names_people(uni: World, robot: Robot, web: WebSink) -> None:
    send(robot("wecom"), Letter(1, "标题", "字" * 3000, mobiles=("13800000000",)))
    path, _headers, body = web.posts[0]
    assert path == "/wecom?key=abc"
    assert body["msgtype"] == "text"
    assert 2040 < len(body["text"]["content"].encode()) <= 2048
    assert body["text"]["mentioned_mobile_list"] == ["13800000000"]


def test_dingtalk_signs_in_the_query(uni: World, robot: Robot, web: WebSink) -> None:
    send(robot("dingtalk", secrets={"sign": "SECabc"}), Letter(1, "s", "t"))
    query = parse_qs(urlsplit(web.posts[0][0]).query)
    text = f"{query['timestamp'][0]}\nSECabc"
    expected = base64.b64encode(hmac.new(b"SECabc", text.encode(), hashlib.sha256).digest()).decode()
    assert query["sign"] == [expected]
    assert query["key"] == ["abc"]


def test_feishu_signs_in_the_body_the_other_way_round(uni: World, robot: Robot, web: WebSink) -> None:
    web.answer = lambda body: (200, {"code": 0, "msg": "success"})
    send(robot("feishu", secrets={"sign": "xyz"}), Letter(1, "s", "t"))
    body = web.posts[0][2]
    key = f"{body['timestamp']}\nxyz".encode()
    assert body["sign"] == base64.b64encode(hmac.new(key, b"", hashlib.sha256).digest()).decode()


@pytest.mark.parametrize(
    ("kind", "answer", "for_good", "wait"),
    [
        ("wecom", {"errcode": 45009, "errmsg": "freq"}, False, 60),
        ("wecom", {"errcode": 93000, "errmsg": "invalid"}, True, None),
        ("dingtalk", {"errcode": 130101, "errmsg": "fast"}, False, 600),
        ("feishu", {"code": 11232, "msg": "busy"}, False, 60),
        ("feishu", {"code": 19021, "msg": "sign"}, True, None),
        ("wecom", {"hello": 1}, False, None),
        ("wecom", [1], False, None),
        ("wecom", b"<html>", False, None),
    ],
)
def test_an_answer_of_200_can_be_a_failure(
    uni: World, robot: Robot, web: WebSink, kind: str, answer: Any, for_good: bool, wait: float | None
) -> None:
    web.answer = lambda body: (200, answer)
    with pytest.raises(SendFailed) as failure:
        send(robot(kind), Letter(1, "s", "t"))
    assert (failure.value.for_good, failure.value.wait) == (for_good, wait)


def test_a_webhook_is_signed_and_says_who_and_what(uni: World, robot: Robot, web: WebSink) -> None:
    letter = Letter(7, "s", "t", to=uni.people["bob"], items=({"what": "x"},))
    send(robot(secrets={"sign": "k"}), letter, letter)
    _path, headers, body = web.posts[0]
    assert (body["id"], body["to"]["name"], body["items"]) == (7, "Bob", [{"what": "x"}])
    assert headers["Idempotency-Key"] == "delivery-7"
    assert headers["X-Zhangyin-Signature"] == hmac.new(b"k", headers["raw"].encode(), hashlib.sha256).hexdigest()
    assert len(web.posts) == 2


@pytest.mark.parametrize(("status", "for_good"), [(301, True), (404, True), (429, False), (500, False)])
def test_what_a_webhook_answers(uni: World, robot: Robot, web: WebSink, status: int, for_good: bool) -> None:
    web.answer = lambda body: (status, {})
    web.headers = {"Location": "http://169.254.169.254/", "Retry-After": "30"}
    with pytest.raises(SendFailed) as failure:
        send(robot(), Letter(1, "s", "t"))
    assert failure.value.for_good == for_good
    assert len(web.posts) == 1  # no redirect is followed


def test_a_server_that_closes_a_kept_connection_is_asked_again(uni: World, robot: Robot, web: WebSink) -> None:
    channel = robot()
    with SENDERS[channel.kind].open(channel, secrets.unsealed(channel)) as session:
        session.send(Letter(1, "s", "t"))
        session.poster._connection.sock.shutdown(socket.SHUT_RDWR)  # type: ignore[attr-defined]
        session.send(Letter(2, "s", "t"))
    assert [body["id"] for _p, _h, body in web.posts] == [1, 2]


def test_mail_cannot_be_made_to_carry_more_headers(uni: World, mail: Channel, smtp: MailSink) -> None:
    send(mail, Letter(9, "一\r\nBcc: x@evil.example", "正文", to=uni.people["bob"]))
    (sent,) = smtp.mails
    assert sent["Bcc"] is None
    assert sent["Message-ID"] == "<delivery-9@example.edu>"
    assert sent["Subject"] == "一 Bcc: x@evil.example"


def test_mail_to_nobody_there_is_a_failure_that_may_pass(uni: World, mail: Channel) -> None:
    mail.settings = {**mail.settings, "port": 1}
    with pytest.raises(SendFailed) as failure:
        send(mail, Letter(9, "s", "t", to=uni.people["bob"]))
    assert not failure.value.for_good


def test_a_folder_takes_each_letter_once(uni: World) -> None:
    channel = services.add_channel({"kind": "folder", "name": "试用"})
    letter = Letter(3, "主题", "正文", to=uni.people["bob"])
    send(channel, letter, letter)
    assert [p.name for p in folder_of(channel).iterdir()] == ["00000003.eml"]


# ── where it may not go ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",
        "169.254.169.254",
        "::1",
        "fe80::1%eth0",
        "::ffff:127.0.0.1",
        "::127.0.0.1",
        "2002:7f00:1::",
        "64:ff9b::a9fe:a9fe",
        "fd00:ec2::254",
        "100.100.100.200",
        "224.0.0.1",
        "240.0.0.1",
        "::",
    ],
)
def test_addresses_out_of_bounds(address: str) -> None:
    assert not _may_be_reached(address)


@pytest.mark.parametrize("address", ["10.1.2.3", "192.168.0.7", "8.8.8.8", "2001:4860:4860::8888", "fd12::1"])
def test_addresses_within_bounds(address: str) -> None:
    assert _may_be_reached(address)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://x/",
        "file:///etc/passwd",
        "//x",
        "http://",
        "http://a:b@x/",
        "http://x:0/",
        "http://x:99999/",
        "gopher://x",
        "javascript:alert(1)",
        "http://[::1",
    ],
)
def test_what_is_no_web_address(panel_app: Any, url: str) -> None:
    with panel_app.test_request_context(), pytest.raises(SendFailed) as failure:
        split_address(url)
    assert failure.value.for_good


def test_loopback_is_refused_by_whatever_name(uni: World, robot: Robot) -> None:
    channel = robot()
    settings = runtime()
    settings.settings = replace(settings.settings, local_targets=False)
    for host in ("localhost", "127.1", "2130706433", "0x7f000001", "0"):
        with pytest.raises(SendFailed):
            refuse_address(host, 80)
    with pytest.raises(SendFailed) as failure:
        send(channel, Letter(1, "s", "t"))
    assert failure.value.for_good


def test_only_listed_targets_where_the_settings_list_any(uni: World, monkeypatch: pytest.MonkeyPatch) -> None:
    found = {"qyapi.weixin.qq.com": "1.1.1.1", "mail.example.edu": "10.2.3.4", "evil-weixin.qq.com.example": "8.8.8.8"}

    def named(host: str, port: int, **_more: Any) -> list[Any]:
        return [(2, 1, 6, "", (found[host], port))]

    monkeypatch.setattr("panel.notify.senders.guard.socket.getaddrinfo", named)
    settings = runtime()
    settings.settings = replace(settings.settings, local_targets=False, targets="*.weixin.qq.com, 10.0.0.0/8")
    assert refuse_address("qyapi.weixin.qq.com", 443) == ["1.1.1.1"]
    assert refuse_address("mail.example.edu", 25) == ["10.2.3.4"]
    with pytest.raises(SendFailed):
        refuse_address("evil-weixin.qq.com.example", 443)


def test_a_name_that_leads_elsewhere_when_asked_again_is_not_followed(
    uni: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: the name is looked up once, and the connection goes to the address that was looked at."""
    answers, dialled = iter(["8.8.8.8", "127.0.0.1"]), []

    def named(host: str, port: int, **_more: Any) -> list[Any]:
        return [(2, 1, 6, "", (next(answers), port))]

    def connect(address: tuple[str, int], **_more: Any) -> Any:
        dialled.append(address[0])
        raise OSError("not here")

    monkeypatch.setattr("panel.notify.senders.guard.socket.getaddrinfo", named)
    monkeypatch.setattr("panel.notify.senders.guard.socket.create_connection", connect)
    settings = runtime()
    settings.settings = replace(settings.settings, local_targets=False)
    with pytest.raises(OSError, match="not here"):
        dial("rebind.example", 25)
    assert dialled == ["8.8.8.8"]
