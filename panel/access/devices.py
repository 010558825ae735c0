"""Devices a user has logged in from: their failures are counted apart, so that a stranger who keeps guessing a
colleague's password slows himself down and not the colleague (the 'device cookie' of OWASP)."""

from __future__ import annotations

import hashlib
import secrets

from flask import current_app, request
from itsdangerous import BadData, URLSafeSerializer
from werkzeug.wrappers import Response

COOKIE = "zhangyin_device"
LASTS = 365 * 24 * 3600  # seconds
USERS = 8  # remembered on one device


def counter(username: str) -> str | None:
    """What failures of this user name are counted as on this device; None on one they never logged in from."""
    nonce = _known().get(_key(username))
    return f"#{nonce}" if nonce else None


def remember(response: Response, username: str) -> None:
    """Note on the device that this user logged in from it."""
    known, key = _known(), _key(username)
    nonce = known.pop(key, "") or secrets.token_hex(16)
    kept = dict([*known.items(), (key, nonce)][-USERS:])
    response.set_cookie(
        COOKIE,
        _serializer().dumps(kept),
        max_age=LASTS,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )


def _known() -> dict[str, str]:
    try:
        known = _serializer().loads(request.cookies.get(COOKIE, ""))
    except BadData:
        return {}
    return known if isinstance(known, dict) else {}


def _key(username: str) -> str:
    return hashlib.sha256(username.encode()).hexdigest()[:16]


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="device")
