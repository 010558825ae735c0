"""The group robots of WeCom, DingTalk and Feishu: an answer of 200 says nothing, the code inside it decides."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar
from urllib.parse import quote_plus

from panel.i18n import _
from panel.notify.senders.base import Letter, Limit, Sender, SendFailed, Session, cut
from panel.notify.senders.guard import WebPoster


class _Robot(Sender):
    """Sealed: url, and for DingTalk and Feishu the sign (加签) key."""

    group = True
    secrets = ("url", "sign")
    bytes_allowed: ClassVar[int] = 2048
    busy: ClassVar[Mapping[int, float]] = {}  # code of the answer → seconds to leave the robot alone
    broken: ClassVar[frozenset[int]] = frozenset()  # codes that no second attempt mends

    @contextmanager
    def open(self, channel: Any, secret: Mapping[str, str]) -> Iterator[Session]:
        poster = WebPoster(secret.get("url", ""))
        try:
            yield _Talk(self, poster, secret.get("sign", ""))
        finally:
            poster.close()

    @abstractmethod
    def payload(self, letter: Letter, text: str, sign: str, now: float) -> tuple[dict[str, Any], str]:
        """The body and what is added to the query."""

    def text(self, letter: Letter) -> str:
        return cut(f"{letter.subject}\n{letter.text}", self.bytes_allowed)

    def judge(self, answer: Mapping[str, Any]) -> None:
        """Raises SendFailed where the answer says so."""
        codes = [answer[name] for name in ("errcode", "code", "StatusCode") if name in answer]
        if not codes:
            raise SendFailed(_("The robot gave an answer that names no code."))
        code = int(codes[0])
        if code:
            words = answer.get("errmsg") or answer.get("msg") or answer.get("StatusMessage") or ""
            raise SendFailed(f"{code} {words}", wait=self.busy.get(code), for_good=code in self.broken)


class _Talk:
    def __init__(self, robot: _Robot, poster: WebPoster, sign: str) -> None:
        self.robot, self.poster, self.sign = robot, poster, sign

    def send(self, letter: Letter) -> None:
        payload, query = self.robot.payload(letter, self.robot.text(letter), self.sign, time.time())
        status, body, _headers = self.poster.post(payload, query=query)
        if status != 200:
            raise SendFailed(f"HTTP {status}")
        try:
            answer = json.loads(body)
        except ValueError as error:
            raise SendFailed(_("The robot gave an answer that is not JSON.")) from error
        if not isinstance(answer, dict):
            raise SendFailed(_("The robot gave an answer that names no code."))
        self.robot.judge(answer)


class WeCom(_Robot):
    """企业微信消息推送: 20 messages a minute, 2,048 bytes of UTF-8."""

    limit = Limit(burst=10, per_minute=10)
    busy = {45009: 60, 45033: 60, -1: 30}
    broken = frozenset({93000, 40008, 40058})

    def payload(self, letter: Letter, text: str, sign: str, now: float) -> tuple[dict[str, Any], str]:
        content: dict[str, Any] = {"content": text}
        if letter.mobiles:
            content["mentioned_mobile_list"] = list(letter.mobiles)
        return {"msgtype": "text", "text": content}, ""


class DingTalk(_Robot):
    """钉钉群机器人: 20 messages a minute, else silence for ten."""

    limit = Limit(burst=10, per_minute=10)
    bytes_allowed = 18000
    busy = {130101: 600, -1: 30}
    broken = frozenset({300001, 310000, 400101, 400102})

    def payload(self, letter: Letter, text: str, sign: str, now: float) -> tuple[dict[str, Any], str]:
        body = {"msgtype": "text", "text": {"content": text}, "at": {"atMobiles": list(letter.mobiles)}}
        return body, _dingtalk_sign(sign, int(now * 1000)) if sign else ""


def _dingtalk_sign(secret: str, milliseconds: int) -> str:
    digest = hmac.new(secret.encode(), f"{milliseconds}\n{secret}".encode(), hashlib.sha256).digest()
    return f"timestamp={milliseconds}&sign={quote_plus(base64.b64encode(digest))}"


class Feishu(_Robot):
    """飞书自定义机器人: 100 messages a minute and 5 a second, 20 KB."""

    limit = Limit(burst=5, per_minute=95)
    bytes_allowed = 18000
    busy = {11232: 60, 9499: 30}
    broken = frozenset({19001, 19021, 19022, 19024})

    def payload(self, letter: Letter, text: str, sign: str, now: float) -> tuple[dict[str, Any], str]:
        body: dict[str, Any] = {"msg_type": "text", "content": {"text": text}}
        if sign:
            seconds = str(int(now))
            digest = hmac.new(f"{seconds}\n{sign}".encode(), b"", hashlib.sha256).digest()
            body |= {"timestamp": seconds, "sign": base64.b64encode(digest).decode()}
        return body, ""
