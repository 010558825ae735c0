"""Deny by default: every route declares who may enter, or the panel does not start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from flask import Flask, abort, g, redirect, request, url_for
from werkzeug.exceptions import MethodNotAllowed, TooManyRequests

from panel.access.identity import current
from panel.errors import NotAllowed, NotFound
from panel.i18n import _, _l

F = TypeVar("F", bound=Callable[..., Any])

WHOLE = _l("This holds for the whole institution: only who may change it everywhere can.")


@dataclass(frozen=True)
class Guard:
    """Who may enter a route: everybody (`public`), whoever is logged in, or whoever holds `permission`.

    `why` says why a route asks for no permission; `plugin` is the plugin that must be on, if one owns the route.
    `whole`: the permission must be held in the whole institution, as what the route does holds there.
    `api`: for scripts, by the token they bear, and by nothing else; `why` says where the permission is asked for.
    `before_factor`: open to who must set up a second factor first, too.
    """

    permission: StrEnum | str | None = None
    public: bool = False
    why: str = ""
    plugin: str | None = None
    whole: bool = False
    api: bool = False
    before_factor: bool = False


def needs(permission: StrEnum | str, whole: bool = False) -> Callable[[F], F]:
    """The route is for holders of the permission; which rows they see is `scope`'s business."""
    return _declare(Guard(permission, whole=whole))


def signed_in(why: str, before_factor: bool = False) -> Callable[[F], F]:
    """The route is for every user who is logged in."""
    return _declare(Guard(why=why, before_factor=before_factor))


def by_token(why: str) -> Callable[[F], F]:
    """The route is for scripts that bear a token; no cookie opens it."""
    return _declare(Guard(why=why, api=True))


def public(why: str) -> Callable[[F], F]:
    """The route is for everybody."""
    return _declare(Guard(public=True, why=why))


def _declare(guard: Guard) -> Callable[[F], F]:
    def mark(function: F) -> F:
        function.__guard__ = guard  # type: ignore[attr-defined]
        return function

    return mark


def guards_of(app: Flask) -> tuple[dict[str, Guard], list[str]]:
    """The guard of every endpoint, and the endpoints that declare none."""
    found: dict[str, Guard] = {}
    missing = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static" or rule.endpoint.endswith(".static"):
            found[rule.endpoint] = Guard(public=True, why="stylesheet, icons and scripts hold nothing of anyone")
            continue
        guard = _guard(app.view_functions[rule.endpoint])
        if guard is None:
            missing.append(f"{rule.endpoint} ({rule.rule})")
        else:
            found[rule.endpoint] = guard
    return found, sorted(set(missing))


def _guard(function: Any) -> Guard | None:
    view = getattr(function, "__self__", None)
    name = getattr(function, "__name__", "")
    guard: Guard | None = getattr(function, "__guard__", None)
    if view is not None and hasattr(view, "guard_for"):
        guard = view.guard_for(name, guard)
    return guard


def enforce(app: Flask, guards: dict[str, Guard]) -> None:
    """Check the guard before every request."""

    @app.before_request
    def check() -> Any:
        if request.endpoint is None:
            if isinstance(request.routing_exception, MethodNotAllowed):
                raise request.routing_exception
            abort(404)
        guard = guards.get(request.endpoint)
        if guard is None:
            abort(404)
        g.guard = guard
        if guard.public:
            return None
        identity = current()
        if guard.api:
            _by_token(identity is not None)
            return None
        if identity is None:
            return app.login_manager.unauthorized()  # type: ignore[attr-defined]
        if identity.rights.second_factor and not guard.before_factor and lacks_factor(identity.user):
            return redirect(url_for("second_factor", next=request.full_path if request.method == "GET" else None))
        if guard.plugin and not identity.plugin_on(guard.plugin):
            raise NotFound(_("This part of the panel is not switched on for %(name)s.", name=identity.institution.name))
        if guard.permission and not identity.may(guard.permission):
            raise NotAllowed(_("You do not have the permission for this page. Ask your administrator for it."))
        if guard.permission and guard.whole and identity.reach(guard.permission) is not None:
            raise NotAllowed(WHOLE)
        return None


def _by_token(known: bool) -> None:
    if not known:
        abort(401, _("Send a token that works: Authorization: Bearer …"))
    if wait := g.get("wait", 0):
        raise TooManyRequests(_("Too many requests. Try again in %(count)s seconds.", count=wait), retry_after=wait)


def lacks_factor(user: Any) -> bool:
    """Whether the user's browser session was opened without a second factor; what is no such session asks for none."""
    session = getattr(user, "session", None)
    return session is not None and not session.factor
