"""The plain pages: log-in and out, set-up, a new password, my account, institution and language."""

from __future__ import annotations

from typing import Any

from flask import Flask, flash, redirect, render_template, request, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from panel.access import (
    devices,
    factor,
    letters,
    passwords,
    second,
    services,
    sessions,
    setup,
    sign_on,
    sign_on_pages,
)
from panel.access.guard import public, signed_in
from panel.access.login import begin, end, institutions_of
from panel.access.models import Grant, Role, User
from panel.access.redirects import safe_target
from panel.audit.models import Entry
from panel.errors import NotFound, Refused
from panel.i18n import LOCALES, _
from panel.org.models import Institution, InstitutionKind, Unit
from panel.runtime import runtime

Page = str | Response | tuple[str, int]
LOG_INS = ("access.user.log_in", "access.user.log_in_failed")


def init_app(app: Flask) -> None:
    app.add_url_rule("/login", "login", login, methods=("GET", "POST"))
    app.add_url_rule("/logout", "logout", logout, methods=("POST",))
    app.add_url_rule("/setup", "setup", set_up, methods=("GET", "POST"))
    app.add_url_rule("/reset/<token>", "reset_password", reset_password, methods=("GET", "POST"))
    app.add_url_rule("/forgot", "forgot_password", forgot_password, methods=("GET", "POST"))
    app.add_url_rule("/account", "account", account, methods=("GET", "POST"))
    app.add_url_rule("/institution", "switch_institution", switch_institution, methods=("POST",))
    app.add_url_rule("/locale", "set_locale", set_locale, methods=("POST",))
    second.init_app(app)
    sign_on_pages.init_app(app)


# ── in and out ─────────────────────────────────────────────────────────────────────────────────


@public("whoever logs in is not logged in yet")
def login() -> Page:
    """Ask for user name and password."""
    if setup.pending():
        return redirect(url_for("setup"))
    if current_user.is_authenticated:
        return redirect(safe_target(request.args.get("next")))
    if request.method == "GET":
        return _log_in_page()
    username = request.form.get("username", "")
    name = services.fold_username(username)
    try:
        user = services.log_in(username, request.form.get("password", ""), devices.counter(name))
    except Refused as refusal:
        return _log_in_page(refusal), refusal.status
    return second.enter(user, name, remember=bool(request.form.get("remember")))


def _log_in_page(refusal: Refused | None = None) -> str:
    places = list(Institution.select().limit(2))
    return render_template(
        "access/login.html",
        refusal=refusal,
        place=places[0] if len(places) == 1 else "",
        sign_ons=sign_on.offered(),
        by_mail=letters.possible(),
    )


@signed_in("whoever is logged in may log out", before_factor=True)
def logout() -> Response:
    """End every session of the user, here and elsewhere."""
    services.log_out(_me())
    end()
    flash(_("You are logged out, here and on every other device."), "success")
    return redirect(url_for("login"))


@public("the bearer of a one-time link has no password yet")
def reset_password(token: str) -> Page:
    """Set a new password by a one-time link."""
    user = services.user_of_reset(token)
    if request.method == "GET":
        return _reset_page(user, {})
    try:
        services.reset_password(token, _new_password())
    except Refused as refusal:
        return _reset_page(user, _errors(refusal)), refusal.status
    end()
    flash(_("The password is set. Log in with it."), "success")
    return redirect(url_for("login"))


def _reset_page(user: User, errors: dict[str, str]) -> str:
    shortest = services.strength_of(user.institution_id).shortest
    return render_template("access/reset.html", user=user, errors=errors, shortest=shortest)


@public("who forgot their password cannot log in")
def forgot_password() -> Page:
    """Have a link mailed to oneself."""
    if not letters.possible():
        raise NotFound(_("This page does not exist, or is not yours to see."))
    if request.method == "GET":
        return render_template("access/forgot.html", sent=False, errors={})
    try:
        letters.ask_for_oneself(request.form.get("username", ""), request.remote_addr or "")
    except Refused as refusal:
        return render_template("access/forgot.html", sent=False, errors=_errors(refusal)), refusal.status
    return render_template("access/forgot.html", sent=True, errors={})


# ── the first visit ────────────────────────────────────────────────────────────────────────────


@public("there is no user yet; the token from the terminal protects it")
def set_up() -> Page:
    """Create the first institution and its administrator. Gone as soon as there is one."""
    if not setup.pending():
        raise NotFound(_("This page does not exist, or is not yours to see."))
    if request.method == "GET":
        return _set_up_page({"plugins": [entry.name for entry in runtime().registry]}, {})
    form = request.form
    typed: dict[str, Any] = {**form.to_dict(), "plugins": form.getlist("plugins")}
    try:
        kind = _one_of(form.get("kind"), dict(InstitutionKind.pairs()), "kind", _("Choose what kind it is."))
        administrator = {
            "username": form.get("username", ""),
            "display_name": form.get("display_name", "").strip(),
            "password": _new_password(),
        }
        user = setup.set_up(
            runtime().registry,
            form.get("token", ""),
            form.get("name", ""),
            kind,
            runtime().settings.time_zone,
            administrator,
            typed["plugins"],
            form.get("preset", ""),
        )
    except Refused as refusal:
        if isinstance(refusal, NotFound):
            raise
        return _set_up_page(typed, _errors(refusal)), refusal.status
    begin(user)
    flash(_("The panel is set up. Next: enter the units and people, or import them."), "success")
    return redirect(url_for("index"))


def _set_up_page(typed: dict[str, Any], errors: dict[str, str]) -> str:
    from panel.policies.presets import shipped

    typed.setdefault("token", request.args.get("token", ""))
    return render_template(
        "access/setup.html",
        typed=typed,
        errors=errors,
        kinds=InstitutionKind.pairs(),
        plugins=list(runtime().registry),
        presets=sorted(shipped(), key=lambda preset: not preset.code.startswith("plain-")),
        shortest=passwords.SHORTEST,
    )


# ── my account ─────────────────────────────────────────────────────────────────────────────────


@signed_in("everybody may see and change their own account")
def account() -> Page:
    """Who I am here, my password, and my log-ins."""
    if request.method == "GET":
        return _account_page({})
    user = _me()
    try:
        services.change_password(user, request.form.get("old_password", ""), _new_password())
    except Refused as refusal:
        return _account_page(_errors(refusal)), refusal.status
    begin(User.get_by_id(user.id), user.session.remembered, user.session.factor, proved=True)
    flash(_("Your password is changed. Every other session has ended."), "success")
    return redirect(url_for("account"))


def _account_page(errors: dict[str, str]) -> str:
    user = _me()
    grants = Grant.select(Grant, Role, Unit).join(Role).switch(Grant).join(Unit).where(Grant.user == user)
    mine = (Entry.root_type == "access.user") & (Entry.root_id == user.id) & Entry.action.in_(LOG_INS)
    entries = Entry.select().where(mine).order_by(Entry.id.desc()).limit(10)
    return render_template(
        "access/account.html",
        user=user,
        grants=list(grants),
        entries=list(entries),
        sessions=sessions.of_user(user),
        has_factor=factor.of_user(user) is not None,
        errors=errors,
        shortest=services.strength_of(user.institution_id).shortest,
    )


@signed_in("where one may work is checked one by one")
def switch_institution() -> Response:
    """Go to work in another institution."""
    wanted = request.form.get("institution", "")
    user = _me()
    if wanted not in {str(place.id) for place in institutions_of(user)}:
        raise NotFound(_("This page does not exist, or is not yours to see."))
    if int(wanted) == user.institution_id:
        session.pop("institution", None)
    else:
        session["institution"] = int(wanted)
    return redirect(url_for("index"))


@public("the log-in page speaks several languages too")
def set_locale() -> Response:
    """Choose the language; a user's choice is kept for their next log-in."""
    wanted = request.form.get("locale", "")
    if wanted not in LOCALES:
        raise NotFound(_("This page does not exist, or is not yours to see."))
    session["locale"] = wanted
    if current_user.is_authenticated:
        services.choose_locale(_me(), wanted)
    return redirect(safe_target(request.form.get("next")))


# ── parsing ────────────────────────────────────────────────────────────────────────────────────


def _me() -> User:
    user: User = current_user._get_current_object()
    return user


def _new_password() -> str:
    """The new password, typed twice. Raises Refused when the two differ."""
    password = request.form.get("password", "")
    if password != request.form.get("again", ""):
        raise Refused(_("The two passwords differ."), "again")
    return password


def _one_of(value: str | None, known: dict[str, Any], field: str, message: str) -> str:
    if value not in known:
        raise Refused(message, field)
    return str(value)


def _errors(refusal: Refused) -> dict[str, str]:
    """The refusal under the field to mend, or under "" for the whole form."""
    return {refusal.field or "": str(refusal.message)}
