"""The JSON API: list, get, create and update of every model that has pages, for scripts that bear a token."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, abort, g, jsonify, request, url_for
from werkzeug.datastructures import MultiDict

from panel.access.guard import by_token
from panel.access.identity import Identity, current
from panel.admin.forms import RecordForm, values_of
from panel.admin.listing import Listing
from panel.admin.state import State
from panel.admin.view import RecordView
from panel.errors import NotAllowed, NotFound, Refused
from panel.i18n import _
from panel.runtime import runtime
from panel.tokens import limits, openapi, services, values
from panel.tokens.problems import problem

ROOT = "/api/v1"
WHY = "each view asks for its own permission"
LARGEST_BODY = 1024 * 1024  # bytes


def init_app(app: Flask, csrf: Any) -> None:
    """Wire the routes. No cookie opens them, so nobody can be led to them by another site: they need no CSRF token."""
    routes = (
        ("/openapi.json", "api_document", document, "GET"),
        ("/<area>/<name>", "api_list", list_rows, "GET"),
        ("/<area>/<name>", "api_create", create, "POST"),
        ("/<area>/<name>/<row_id>", "api_get", get, "GET"),
        ("/<area>/<name>/<row_id>", "api_update", update, "PATCH"),
    )
    for path, endpoint, function, method in routes:
        app.add_url_rule(
            ROOT + path, endpoint, csrf.exempt(function), methods=(method,), provide_automatic_options=False
        )


def identity_of_request() -> Identity | None:
    """Whose token the request bears; counts the request, and notes that the token was used."""
    kind, _space, secret = request.headers.get("Authorization", "").partition(" ")
    token = services.token_of(secret.strip()) if kind.lower() == "bearer" else None
    if token is None:
        return None
    g.token = token
    g.wait = limits.wait_for(token.id)
    return services.identity_of(token)


def views() -> dict[str, RecordView]:
    """Every view of the API by its path, `accounts/account`."""
    return {p.url.strip("/"): p for p in runtime().pages if isinstance(p, RecordView)}


@by_token("it says what the API can do, not what is in the panel")
def document() -> Response:
    """What the API can do, as OpenAPI 3.1."""
    return jsonify(openapi.document())


@by_token(WHY)
def list_rows(area: str, name: str) -> Response:
    """A page of rows; the parameters are those of the list's address."""
    view = _view(area, name, "view")
    state = _state(view)
    page = Listing(state).page()
    following = None
    if page.number * page.size < page.total or page.capped:
        pairs = [*state.pairs(page=False), ("page", str(page.number + 1))]
        following = f"{url_for('api_list', area=area, name=name)}?{urlencode(pairs)}"
    return jsonify(
        data=[values.as_json(view, row) for row in Listing(state).full([r.id for r in page.rows], also=_keys(view))],
        page=page.number,
        size=page.size,
        total=page.total,
        capped=page.capped,
        next=following,
    )


@by_token(WHY)
def get(area: str, name: str, row_id: str) -> Response:
    """One row."""
    view = _view(area, name, "view")
    return jsonify(values.as_json(view, view.row(row_id, view.may.view)))


@by_token(WHY)
def create(area: str, name: str) -> Any:
    """A new row, through the form and the verb of its page."""
    view = _view(area, name, "create")
    body = _body()
    form, answer = _filled(view, None, body, view.may.create)
    if answer is not None:
        return answer
    row = view.create(values_of(form, view.model))
    made = values.as_json(view, view.row(row.id, view.may.create))
    return jsonify(made), 201, {"Location": url_for("api_get", area=area, name=name, row_id=row.id)}


@by_token(WHY)
def update(area: str, name: str, row_id: str) -> Any:
    """Change the fields that are sent; `version` is the one that was read."""
    view = _view(area, name, "edit")
    body = _body()
    version = body.pop("version", None)
    row = view.row(row_id, view.may.edit)
    if not isinstance(version, int) or isinstance(version, bool):
        return problem(422, errors=[("version", "must be the version that was read")])
    form, answer = _filled(view, row, body, view.may.edit)
    if answer is not None:
        return answer
    sent = {n: v for n, v in values_of(form, view.model).items() if values.takes(form._fields[n])}
    view.change(row, version, sent)
    return jsonify(values.as_json(view, view.row(row.id, view.may.edit)))


# ── parsing ────────────────────────────────────────────────────────────────────────────────────


def _view(area: str, name: str, door: str) -> RecordView:
    """The view of an address. Raises NotFound for none or where its plugin is off, NotAllowed without permission."""
    view, who = views().get(f"{area}/{name}"), current()
    assert who is not None
    if view is None or (view.plugin and not who.plugin_on(view.plugin)):
        raise NotFound(_("This page does not exist, or is not yours to see."))
    if getattr(view.may, door) is None:
        abort(405)
    if not who.may(getattr(view.may, door)) or (door != "view" and not view.can(door)):
        raise NotAllowed(_("The token does not permit this."))
    return view


def _keys(view: RecordView) -> list[Any]:
    fields = view.model._meta.fields
    return [(fields[n],) for n in values.names_of(view) if fields[n] in view.model._meta.refs]


def _state(view: RecordView) -> State:
    known = {*view.filter_keys, "q", "sort", "page", "size"}
    if unknown := [name for name in request.args if name not in known]:
        raise Refused(_("There is no parameter %(name)s.", name="、".join(unknown[:5])))
    state = State.read(view, request.args)
    if state.notices:
        raise Refused(" ".join(state.notices))
    return state


def _body() -> dict[str, Any]:
    if (request.content_length or 0) > LARGEST_BODY:
        abort(413)
    try:
        body = request.get_json()
    except RecursionError:
        abort(400)
    if not isinstance(body, dict):
        abort(400, _("The body must be a JSON object."))
    g.findings_confirmed = request.args.get("confirm") == "true"
    return dict(body)


def _filled(view: RecordView, row: Any, body: dict[str, Any], permission: Any) -> tuple[RecordForm, Response | None]:
    """The view's form filled in with the body over what the row holds; with the answer, where something is wrong."""
    blank = view.form(None, obj=row, permission=permission)
    sent, wrong = values.sent_by(blank, body)
    if wrong:
        return blank, problem(422, errors=wrong)
    try:
        form = view.form(_Once(sent), obj=row, permission=permission)
    except NotFound as error:
        return blank, problem(422, str(error.message))
    if form.validate():
        return form, None
    errors = [(f.short_name, str(e)) for f in form for e in f.errors]
    return form, problem(422, errors=[*errors, *(("", str(text)) for text in form.refusals)])


class _Once(MultiDict[str, str]):
    """What was sent, though it be nothing: a form takes an empty one for none at all."""

    def __bool__(self) -> bool:
        return True
