"""The pages of the second factor and of one's sessions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flask import Flask, Response, flash, redirect, render_template, request, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from panel.access import devices, factor, proof, services, sessions
from panel.access.guard import public, signed_in
from panel.access.identity import current
from panel.access.login import begin, clear
from panel.access.models import User
from panel.access.redirects import safe_target
from panel.database import utcnow
from panel.errors import NotFound, Refused
from panel.i18n import _

Page = str | AnyResponse | tuple[str, int]
HALF = "half"  # what the browser's session holds between password and code
HALF_LASTS = timedelta(minutes=10)
JUST_IN = timedelta(minutes=15)  # a log-in that recent is proof enough to set up a second factor
OWN = "everybody looks after their own second factor and sessions"


def init_app(app: Flask) -> None:
    app.add_url_rule("/login/code", "login_code", login_code, methods=("GET", "POST"))
    app.add_url_rule("/account/second-factor", "second_factor", second_factor, methods=("GET", "POST"))
    app.add_url_rule("/account/second-factor.png", "second_factor_picture", second_factor_picture)
    app.add_url_rule("/account/session", "end_session", end_session, methods=("POST",))


# ── the second step of logging in ──────────────────────────────────────────────────────────────


def enter(user: User, name: str, remember: bool) -> AnyResponse:
    """Where a user goes who has shown their password: in, or to the page that asks for a code."""
    target = safe_target(request.args.get("next"))
    if factor.of_user(user) is not None:
        return ask_code(user, name, remember, target)
    begin(user, remember)
    response = redirect(target)
    devices.remember(response, name)
    return response


def ask_code(user: User, name: str, remember: bool, target: str) -> AnyResponse:
    """Go on to the page that asks for a code; the browser is logged in nowhere until then."""
    clear()
    session[HALF] = [user.id, user.epoch, name, remember, utcnow().timestamp()]
    return redirect(url_for("login_code", next=target))


@public("whoever logs in is not logged in yet; the session holds that the password was right")
def login_code() -> Page:
    """Ask for the code of the app, or a recovery code."""
    if current_user.is_authenticated:
        return redirect(safe_target(request.args.get("next")))
    half = _half()
    if half is None:
        return redirect(url_for("login", next=request.args.get("next") or None))
    user, name, remember = half
    if request.method == "GET":
        return render_template("access/code.html", user=user, refusal=None)
    try:
        services.log_in_code(user, request.form.get("code", ""))
    except Refused as refusal:
        return render_template("access/code.html", user=user, refusal=refusal), refusal.status
    begin(user, remember, factor=True)
    response = redirect(safe_target(request.args.get("next")))
    devices.remember(response, name)
    return response


def _half() -> tuple[User, str, bool] | None:
    try:
        user_id, epoch, name, remember, at = session[HALF]
    except (KeyError, TypeError, ValueError):
        return None
    if utcnow().timestamp() - at > HALF_LASTS.total_seconds():
        return None
    user = User.get_or_none(User.id == user_id, User.epoch == epoch, User.active)
    return (user, name, remember) if user else None


# ── setting it up ──────────────────────────────────────────────────────────────────────────────


@signed_in(OWN, before_factor=True)
def second_factor() -> Page:
    """My second factor: set up, confirmed, new recovery codes, switched off."""
    acts: dict[str, Callable[[User], Page]] = {
        "begin": _begin,
        "confirm": _confirm,
        "renew": _renew,
        "remove": _remove,
    }
    if request.method == "GET":
        return _page({})
    act = acts.get(request.form.get("act", ""))
    if act is None:
        raise NotFound(_("This page does not exist, or is not yours to see."))
    try:
        return act(_me())
    except Refused as refusal:
        return _page({refusal.field or "": str(refusal.message)}), refusal.status


def _begin(user: User) -> Page:
    if utcnow() - user.session.started_at > JUST_IN:
        proof.demand(request.form.get("proof", ""))
    factor.begin(user)
    return redirect(url_for("second_factor", next=request.args.get("next") or None))


def _confirm(user: User) -> Page:
    codes = factor.confirm(user, request.form.get("code", ""), user.session)
    flash(_("The second factor is set up. Other sessions of yours have ended."), "success")
    return _codes(codes)


def _renew(user: User) -> Page:
    proof.demand(request.form.get("proof", ""))
    return _codes(factor.renew_recovery(user))


def _remove(user: User) -> Page:
    if required():
        raise Refused(_("Your role needs a second factor; set up a new one instead, or ask an administrator."))
    proof.demand(request.form.get("proof", ""))
    factor.remove(user)
    flash(_("The second factor is switched off."), "success")
    return redirect(url_for("second_factor"))


def _codes(codes: list[str]) -> str:
    """The recovery codes, which are shown this once."""
    return render_template("access/recovery.html", codes=codes, target=safe_target(request.args.get("next")))


def _page(errors: dict[str, str]) -> str:
    user = _me()
    found = factor.of_user(user)
    return render_template(
        "access/factor.html",
        user=user,
        found=found,
        left=factor.recovery_left(found) if found else 0,
        secret=None if found else factor.pending_secret(user),
        required=required(),
        ask=utcnow() - user.session.started_at > JUST_IN,
        errors=errors,
    )


@signed_in(OWN, before_factor=True)
def second_factor_picture() -> Response:
    """The QR code, while the factor waits for its first code."""
    user = _me()
    secret = factor.pending_secret(user)
    if secret is None:
        raise NotFound(_("This page does not exist, or is not yours to see."))
    drawn = factor.picture(user, secret, _("Zhangyin"))
    return Response(drawn, mimetype="image/png")


def required() -> bool:
    """Whether a role of who is asking needs a second factor."""
    identity = current()
    return identity is not None and identity.rights.second_factor


# ── sessions ───────────────────────────────────────────────────────────────────────────────────


@signed_in(OWN)
def end_session() -> AnyResponse:
    """End one of my sessions."""
    user = _me()
    sessions.end_one(user, request.form.get("session", ""))
    flash(_("The session has ended."), "success")
    return redirect(url_for("account", _anchor="sessions"))


def _me() -> User:
    user: User = current_user._get_current_object()
    return user
