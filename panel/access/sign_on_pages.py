"""The way to the single sign-on and back."""

from __future__ import annotations

import logging

from authlib.integrations.base_client import OAuthError
from flask import Flask, flash, redirect, request, session, url_for
from flask_login import current_user
from joserfc.errors import JoseError
from requests import RequestException
from werkzeug.wrappers import Response

from panel import audit
from panel.access import factor, second, sign_on
from panel.access.guard import public
from panel.access.login import begin
from panel.access.models import SignOn
from panel.access.redirects import safe_target
from panel.access.services import as_user, fold_username
from panel.errors import NotFound, Refused
from panel.i18n import _
from panel.notify.senders.base import SendFailed

log = logging.getLogger(__name__)
WRONG = (OAuthError, JoseError, RequestException, SendFailed, RuntimeError, ValueError, KeyError)
TARGET = "sign_on_target"


def init_app(app: Flask) -> None:
    app.add_url_rule("/login/sign-on/<int:row_id>", "sign_on", leave)
    app.add_url_rule("/login/sign-on/<int:row_id>/back", "sign_on_back", come_back)


@public("whoever logs in is not logged in yet")
def leave(row_id: int) -> Response:
    """Send the browser to the institution's sign-on server."""
    row = _row(row_id)
    session[TARGET] = safe_target(request.args.get("next"))
    try:
        answer: Response = sign_on.client_of(row).authorize_redirect(callback(row))
    except WRONG as error:
        return _failed(row, error)
    return answer


@public("whoever logs in is not logged in yet; state, nonce and the code's verifier protect it")
def come_back(row_id: int) -> Response:
    """Let in whom the server names."""
    row = _row(row_id)
    target = safe_target(session.pop(TARGET, None))
    if current_user.is_authenticated:
        return redirect(target)
    try:
        claims = sign_on.claims_of(sign_on.client_of(row))
    except WRONG as error:
        return _failed(row, error)
    try:
        user = sign_on.user_named(row, claims)
    except Refused as refusal:
        log.warning("single sign-on %s: %s is not let in", row.id, claims.get("sub"))
        flash(str(refusal.message), "error")
        return redirect(url_for("login"))
    if factor.of_user(user) is not None and not row.proves_factor:
        return second.ask_code(user, fold_username(user.username), remember=False, target=target)
    with as_user(user):
        audit.note("log_in", user, {"by": str(row)})
    begin(user, factor=row.proves_factor, proved=True)
    return redirect(target)


def callback(row: SignOn) -> str:
    """The address the server sends browsers back to; it must be entered there."""
    return url_for("sign_on_back", row_id=row.id, _external=True)


def _row(row_id: int) -> SignOn:
    row: SignOn | None = SignOn.get_or_none(SignOn.id == row_id, SignOn.enabled)
    if row is None:
        raise NotFound(_("This page does not exist, or is not yours to see."))
    return row


def _failed(row: SignOn, error: Exception) -> Response:
    log.warning("single sign-on %s failed: %s: %s", row.id, type(error).__name__, error)
    flash(_("The single sign-on did not work. Try again, or log in with your password."), "error")
    return redirect(url_for("login"))
