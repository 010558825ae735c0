"""What the API says where something is wrong: RFC 9457, application/problem+json."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from flask import Response, request
from werkzeug.exceptions import HTTPException

from panel.checks.saving import Unconfirmed
from panel.errors import InUse, Refused, Stale
from panel.i18n import _

log = logging.getLogger(__name__)
KIND = "application/problem+json"


def is_api() -> bool:
    """Whether the request is one of a script."""
    return request.path.startswith("/api/")


def problem(
    status: int,
    detail: str = "",
    errors: Sequence[tuple[str, str]] = (),
    headers: dict[str, str] | None = None,
    **more: Any,
) -> Response:
    """A problem document. `errors` are (field, what is wrong with it)."""
    body: dict[str, Any] = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    if detail:
        body["detail"] = detail
    if errors:
        body["errors"] = [{"field": field, "message": message} for field, message in errors]
    response = Response(json.dumps({**body, **more}, ensure_ascii=False), status, mimetype=KIND)
    response.headers.update(headers or {})
    return response


def of(error: Exception) -> Response:
    """The document of whatever was raised."""
    if isinstance(error, Stale):
        return problem(409, str(error.message), stale=sorted(error.theirs))
    if isinstance(error, InUse):
        return problem(409, str(error.message))
    if isinstance(error, Unconfirmed):
        return problem(409, _("Send it again with confirm=true to save all the same."), warnings=list(error.warnings))
    if isinstance(error, Refused):
        return problem(error.status, str(error.message), [(error.field, str(error.message))] if error.field else ())
    if isinstance(error, HTTPException) and error.code and error.code >= 400:
        headers = {"WWW-Authenticate": "Bearer"} if error.code == 401 else {}
        if error.code == 429:
            headers["Retry-After"] = str(getattr(error, "retry_after", None) or 60)
        if error.code == 405 and getattr(error, "valid_methods", None):
            headers["Allow"] = ", ".join(error.valid_methods)  # type: ignore[attr-defined]
        return problem(error.code, str(error.description or ""), headers=headers)
    log.error("request failed: %s %s", request.method, request.path, exc_info=error)
    return problem(
        500, _("Nothing was saved. Try again; if it happens again, tell your administrator when it happened.")
    )
