"""The seal of the audit log, API tokens, and the API itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from panel import records
from panel.admin.view import RecordView
from panel.database import utcnow
from panel.runtime import runtime
from panel.tokens.models import Token
from tests.security.cases import Case, everybody
from tests.security.places import Place


def fill(place: Place, name: str) -> list[Any]:
    """A token of whoever entered the rows."""
    token = records.create(
        Token,
        institution=place.institution,
        user=place.user,
        name=f"{name}-token",
        begins="zy_xxxxx",
        secret_hash=f"none-{place.name}",
        permissions=["org.unit.view"],
        expires_at=utcnow() + timedelta(days=9),
    )
    return [token]


def _views() -> dict[str, RecordView]:
    return {p.url.strip("/"): p for p in runtime().pages if isinstance(p, RecordView)}


def _api(door: str, to_row: bool, **options: Any) -> Callable[[Place], Iterator[Case]]:
    """The same question about every model that has the door; each is asked for its own permission."""

    def made(place: Place) -> Iterator[Case]:
        for path, view in _views().items():
            permission, row = getattr(view.may, door), place.row(view.model)
            area, _slash, name = path.partition("/")
            values = {"area": area, "name": name, **({"row_id": row.id} if to_row else {})}
            if permission is None:
                continue
            whole = door != "view" and view.whole
            case = Case("", values, permission=str(permission), whole=whole, act=path, **options)
            if to_row:
                case.rows = (row,)
            yield case
        values = {"area": "no", "name": "such", **({"row_id": 1} if to_row else {})}
        yield Case("", values, seen=(404,), done=(404,), act="unknown")

    return made


def _mine(place: Place) -> dict[str, int]:
    """A token is seen by its owner and, at home, by who may end everybody's in the whole institution."""
    owner = place.user.username
    homely = {"alice": 200, "root": 200} if place.name != "foreign" else {"oscar": 200, "root": 404}
    return {**everybody(404, anonymous=302), **homely, owner: 200}


OTHERS: dict[str, Callable[[Place], Any]] = {
    "security_txt": lambda p: [Case("", only=everybody(404))],
    "audit_seal.index": lambda p: [Case("", whole=True)],
    "audit_seal.anchor": lambda p: [Case("", {"day": "2001-01-01"}, whole=True, seen=(404,))],
    "audit_seal.verify": lambda p: [Case("", whole=True)],
    "tokens_token.index": lambda p: [Case("")],
    "tokens_token.new": lambda p: [Case("", form={"name": "x", "days": "30"}, done=(422,))],
    "tokens_token.end": lambda p: [
        Case("", {"id": p.row(Token).id}, {}, only=_mine(p), done=(422,), act="own"),
        Case("", {"id": "0"}, only=everybody(404, anonymous=302), act="unknown"),
    ],
    "tokens_token.document": lambda p: [Case("")],
    "api_document": lambda p: [Case("")],
    "api_list": _api("view", to_row=False),
    "api_get": _api("view", to_row=True),
    # what is written through the API is tested in tests/tokens; here, that nobody else gets as far as the form
    "api_create": _api("create", to_row=False, form={}, done=(201, 422)),
    "api_update": _api("edit", to_row=True, form={}, done=(422,)),
}
