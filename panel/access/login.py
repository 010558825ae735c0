"""Logging in: flask-login, the session's epoch, and who a request is from."""

from __future__ import annotations

from flask import Flask, redirect, request, session, url_for
from flask_login import LoginManager, current_user, login_user, logout_user
from werkzeug.wrappers import Response

from panel.access.identity import Identity, identify
from panel.access.models import Grant, User
from panel.i18n import _
from panel.org.models import Institution

manager = LoginManager()
manager.id_attribute = "session_id"
manager.session_protection = "basic"


def init_app(app: Flask) -> None:
    from panel.access import pages

    manager.init_app(app)
    manager.localize_callback = _
    pages.init_app(app)


def begin(user: User, remember: bool = False) -> None:
    """Open a session: nothing of the one before stays in it but the language chosen on the log-in page."""
    locale = user.locale or session.get("locale")
    session.clear()
    if locale:
        session["locale"] = locale
    login_user(user, remember=remember)


def end() -> None:
    """Close this browser's session and drop its remember cookie."""
    locale = session.get("locale")
    session.clear()
    if locale:
        session["locale"] = locale
    logout_user()


@manager.user_loader
def load_user(session_id: str) -> User | None:
    """The user of a session, joined with the institution they are at work in; None ends the session.

    One query: this runs on every request.
    """
    user_id, _sep, epoch = session_id.partition(":")
    if not (user_id.isdecimal() and epoch.isdecimal()):
        return None
    wanted = session.get("institution") if isinstance(session.get("institution"), int) else None
    at_work = Institution.id == (wanted if wanted is not None else User.institution)
    user: User | None = (
        User.select(User, Institution)
        .join(Institution, on=at_work, attr="at_work")
        .where(User.id == int(user_id), User.epoch == int(epoch), User.active)
        .first()
    )
    if user is None and wanted is not None:  # the institution may be gone; the user may not
        session.pop("institution")
        return load_user(session_id)
    return user


def identity_of_request() -> Identity | None:
    """Who the request is from, at work in the institution chosen in the session (where they have any right)."""
    if not current_user.is_authenticated:
        return None
    user = current_user._get_current_object()
    identity = identify(user, user.at_work)
    if user.at_work.id != user.institution_id and not identity.rights.grants and not identity.rights.everything:
        session.pop("institution", None)
        identity = identify(user, user.institution)
    return identity


def institutions_of(user: User) -> list[Institution]:
    """Where the user may work: home, and wherever they hold a grant; everywhere for who runs the installation."""
    query = Institution.select().order_by(Institution.name)
    if not user.site_admin:
        granted = Grant.select(Grant.institution).where(Grant.user == user)
        query = query.where((Institution.id == user.institution_id) | Institution.id.in_(granted))
    return list(query)


@manager.unauthorized_handler
def ask_to_log_in() -> Response:
    target = request.full_path.rstrip("?") if request.method == "GET" else url_for("index")
    return redirect(url_for("login", next=target))
