"""The request: connection, identity, audit context, headers, error pages."""

from __future__ import annotations

import logging
from contextlib import ExitStack
from typing import Any

from flask import Flask, Request, g, render_template, request
from flask_wtf import CSRFProtect
from flask_wtf.csrf import CSRFError
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.utils import cached_property

from panel import audit, headers
from panel.access.guard import public
from panel.access.identity import acting_as
from panel.config import Settings
from panel.database import db, is_postgres
from panel.errors import Refused
from panel.i18n import _, choose_locale, speaking
from panel.runtime import runtime
from panel.tokens import problems, rest, services

log = logging.getLogger(__name__)
csrf = CSRFProtect()


class PlainRequest(Request):
    """A request in whose texts no NUL stands: PostgreSQL stores none, and nobody types one."""

    @cached_property
    def args(self) -> Any:
        return without_nul(super().args)

    def _load_form_data(self) -> None:
        super()._load_form_data()
        self.__dict__["form"] = without_nul(self.__dict__["form"])

    def get_json(self, *given: Any, **options: Any) -> Any:
        return without_nul(super().get_json(*given, **options))


def without_nul(value: Any) -> Any:
    """A text, or whatever is made of texts, less the NULs in it."""
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, ImmutableMultiDict):
        pairs = list(value.items(multi=True))
        dirty = any("\0" in name or "\0" in text for name, text in pairs)
        return type(value)([(without_nul(n), without_nul(t)) for n, t in pairs]) if dirty else value
    if isinstance(value, dict):
        return {without_nul(name): without_nul(one) for name, one in value.items()}
    return [without_nul(one) for one in value] if isinstance(value, list) else value


def flask_config(settings: Settings) -> dict[str, Any]:
    """Flask's own settings, from ours."""
    return {
        "SECRET_KEY": settings.secret_key,
        "TESTING": settings.environment == "testing",
        "SESSION_COOKIE_NAME": "zhangyin",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.https,
        "REMEMBER_COOKIE_NAME": "zhangyin_remember",
        "REMEMBER_COOKIE_HTTPONLY": True,
        "REMEMBER_COOKIE_SAMESITE": "Lax",
        "REMEMBER_COOKIE_SECURE": settings.https,
        "REMEMBER_COOKIE_DURATION": 14 * 24 * 3600,
        "PERMANENT_SESSION_LIFETIME": 12 * 3600,
        "MAX_CONTENT_LENGTH": (settings.upload_mb + 1) * 1024 * 1024,  # a form stands around the file
        "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
        "MAX_FORM_PARTS": 5000,
        "SEND_FILE_MAX_AGE_DEFAULT": 365 * 24 * 3600,  # addresses of static files carry a hash of their content
        "WTF_CSRF_TIME_LIMIT": None,  # a form left open over lunch must still save
        "BABEL_DEFAULT_LOCALE": "zh_Hans_CN",
        "JSON_AS_ASCII": False,
    }


def init_app(app: Flask) -> None:
    """Wire the request's life, the headers and the error pages."""
    if app.config["SESSION_COOKIE_SECURE"]:  # https: a proxy stands before us, and says where a request comes from
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
    app.request_class = PlainRequest
    app.before_request(_open)
    app.teardown_request(_close)
    headers.init_app(app)
    csrf.init_app(app)
    rest.init_app(app, csrf)
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(CSRFError, _expired)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _crash)
    app.add_url_rule("/health", "health", health)


@public("a load balancer asks without logging in; the answer names nothing")
def health() -> tuple[str, int]:
    """200 when the database answers."""
    db.execute_sql("SELECT 1").fetchone()
    return "ok", 200


def _open() -> None:
    from panel.access.login import identity_of_request

    g.stack = ExitStack()
    if (request.endpoint or "").endswith("static"):
        return
    db.connect(reuse_if_open=True)
    g.stack.enter_context(speaking(choose_locale()))
    by_token = (guard := runtime().guards.get(request.endpoint or "")) is not None and guard.api
    identity = rest.identity_of_request() if by_token else identity_of_request()
    g.stack.enter_context(acting_as(identity))
    user, ip = identity.user if identity else None, request.remote_addr or ""
    agent = request.user_agent.string
    if by_token and identity:
        agent = f"{g.token.name} · {agent}"
        services.note_use(g.token, ip)
    g.stack.enter_context(audit.acting("api" if by_token else "web", user=user, ip=ip, agent=agent))


def _close(error: BaseException | None) -> None:
    stack = g.pop("stack", None)
    if stack is not None:
        stack.close()
    # A thread keeps its SQLite connection: opening one reads the whole schema. PostgreSQL's goes back to the pool.
    if is_postgres() and not db.is_closed():
        db.close()


def _page(status: int, title: Any, message: Any) -> tuple[str, int]:
    return render_template("error.html", status=status, title=title, message=message), status


def _refused(error: Refused) -> Any:
    if problems.is_api():
        return problems.of(error)
    titles = {403: _("Not allowed"), 404: _("Not found"), 409: _("In the way")}
    return _page(error.status, titles.get(error.status, _("Not possible")), error.message)


def _expired(error: CSRFError) -> tuple[str, int]:
    return _page(
        400,
        _("This form is no longer valid"),
        _("It was opened before you logged in, or in another window. Go back, reload the page and send it again."),
    )


def _http_error(error: HTTPException) -> Any:
    if problems.is_api():
        return problems.of(error)
    if error.response is not None or (error.code or 500) < 400:
        return error
    texts = {
        404: (_("Not found"), _("This page does not exist, or is not yours to see.")),
        403: (_("Not allowed"), _("You do not have the permission for this page. Ask your administrator for it.")),
        405: (_("Not possible"), _("This address does not take what was sent to it.")),
        413: (_("Too large"), _("What you sent is larger than this panel accepts.")),
    }
    title, message = texts.get(error.code or 500, (_("Not possible"), error.description or error.name))
    return _page(error.code or 500, title, message)


def _crash(error: Exception) -> Any:
    if problems.is_api():
        return problems.of(error)
    log.error("request failed: %s %s", request.method, request.path, exc_info=error)
    return _page(
        500,
        _("Something went wrong on our side"),
        _("Nothing was saved. Try again; if it happens again, tell your administrator when it happened."),
    )
