"""Logging in: flask-login, the session's epoch, and who a request is from."""

from __future__ import annotations

from flask import Flask, redirect, request, session, url_for
from flask_login import LoginManager, current_user, login_user, logout_user
from peewee import JOIN
from werkzeug.wrappers import Response

from panel.access.identity import Identity, identify
from panel.access.models import Grant, Session, User
from panel.access.sessions import digest, note_seen, open_session
from panel.database import utcnow
from panel.i18n import _, today
from panel.org.models import Institution, Person

manager = LoginManager()
manager.id_attribute = "session_id"
manager.session_protection = "basic"


def init_app(app: Flask) -> None:
    from panel.access import agents, pages, proof

    manager.init_app(app)
    manager.localize_callback = _
    app.jinja_env.globals.update(proof_asked=proof.asked, proof_wording=proof.wording, device_of=agents.device)
    pages.init_app(app)


def begin(user: User, remember: bool = False, factor: bool = False, proved: bool = False) -> None:
    """Open a session: nothing of the one before stays in it but the language chosen on the log-in page.

    `factor`: a second factor was shown; `proved`: the log-in counts as a fresh proof of identity.
    """
    clear(user.locale)
    open_session(user, remember, factor, proved)
    login_user(user, remember=remember)


def clear(locale: str = "") -> None:
    """Empty the browser's session, but for the language."""
    locale = locale or session.get("locale", "")
    session.clear()
    if locale:
        session["locale"] = locale


def end() -> None:
    """Close this browser's session and drop its remember cookie."""
    clear()
    logout_user()


@manager.user_loader
def load_user(session_id: str) -> User | None:
    """The user of a session, joined with the institution they are at work in; None ends the session.

    One query: this runs on every request.
    """
    user_id, epoch, key = [*session_id.split(":"), "", ""][:3]
    if not (user_id.isdecimal() and epoch.isdecimal() and key):
        return None
    wanted = session.get("institution") if isinstance(session.get("institution"), int) else None
    at_work = Institution.id == (wanted if wanted is not None else User.institution)
    opened = (Session.user == User.id) & (Session.key_hash == digest(key)) & (Session.until > utcnow())
    user: User | None = (
        User.select(User, Institution, Session)
        .join(Institution, on=at_work, attr="at_work")
        .join_from(User, Session, on=opened, attr="session")
        .join_from(User, Person, JOIN.LEFT_OUTER)
        .where(User.id == int(user_id), User.epoch == int(epoch), User.active)
        .where(Person.in_service_until.is_null() | (Person.in_service_until >= today()))
        .first()
    )
    if user is None and wanted is not None:  # the institution may be gone; the user may not
        session.pop("institution")
        return load_user(session_id)
    if user is not None:
        user.session_key = key
        note_seen(user.session, request.remote_addr or "")
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
