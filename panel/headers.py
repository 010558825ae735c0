"""What every answer says of itself: what a browser may load, run, frame, remember and tell others."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask, Response, request

from panel.access.guard import public
from panel.database import utcnow
from panel.errors import NotFound
from panel.i18n import _
from panel.runtime import runtime

# No inline script or style anywhere, so there is no nonce that could leak.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'self'"
)
FEATURES = (
    "accelerometer", "autoplay", "camera", "clipboard-read", "display-capture", "geolocation",
    "gyroscope", "hid", "microphone", "midi", "payment", "serial", "usb",
)  # fmt: skip
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{name}=()" for name in FEATURES),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Permitted-Cross-Domain-Policies": "none",
}
LASTS = timedelta(days=180)


def init_app(app: Flask) -> None:
    app.after_request(_add)
    app.add_url_rule("/.well-known/security.txt", "security_txt", security_txt)


def _add(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if not (request.endpoint or "static").endswith("static"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response


@public("whoever finds a hole must know whom to tell; the institution says whom")
def security_txt() -> Response:
    """RFC 9116: whom to tell of a weakness. Not there until a contact is set."""
    settings = runtime().settings
    if not settings.security_contact:
        raise NotFound(_("This page does not exist, or is not yours to see."))
    lines = [
        f"Contact: {settings.security_contact}",
        f"Expires: {(utcnow() + LASTS).replace(microsecond=0).isoformat().replace('+00:00', 'Z')}",
        "Preferred-Languages: zh, en",
    ]
    if settings.address:
        lines.append(f"Canonical: {settings.address.rstrip('/')}/.well-known/security.txt")
    return Response("\n".join(lines) + "\n", mimetype="text/plain")
