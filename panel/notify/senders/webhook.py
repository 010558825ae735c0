"""A plain webhook: one signed JSON document for each person and message."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from panel.notify.senders.base import Letter, Sender, SendFailed, Session
from panel.notify.senders.guard import WebPoster

AGAIN = frozenset({408, 425, 429})  # answers of 4xx that a later attempt may change


class _Hook:
    def __init__(self, poster: WebPoster, key: str) -> None:
        self.poster, self.key = poster, key

    def send(self, letter: Letter) -> None:
        to = letter.to
        body = json.dumps(
            {
                "id": letter.number,
                "to": None if to is None else {"id": to.id, "name": to.name, "number": to.number},
                "subject": letter.subject,
                "text": letter.text,
                "items": [dict(item) for item in letter.items],
            },
            ensure_ascii=False,
        ).encode()
        headers = {"Idempotency-Key": f"delivery-{letter.number}"}
        if self.key:
            headers["X-Zhangyin-Signature"] = hmac.new(self.key.encode(), body, hashlib.sha256).hexdigest()
        status, _body, answered = self.poster.post(body, headers)
        if 200 <= status < 300:
            return
        wait = answered.get("Retry-After", "")
        raise SendFailed(
            f"HTTP {status}",
            for_good=300 <= status < 500 and status not in AGAIN,
            wait=min(3600.0, float(wait)) if wait.isdecimal() else None,
        )


class Webhook(Sender):
    """Sealed: url, and the key its documents are signed with (HMAC-SHA-256 of the body, X-Zhangyin-Signature)."""

    secrets = ("url", "sign")

    @contextmanager
    def open(self, channel: Any, secret: Mapping[str, str]) -> Iterator[Session]:
        poster = WebPoster(secret.get("url", ""))
        try:
            yield _Hook(poster, secret.get("sign", ""))
        finally:
            poster.close()
