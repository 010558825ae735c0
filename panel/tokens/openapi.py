"""The OpenAPI 3.1 document, made from the views."""

from __future__ import annotations

from typing import Any

from panel import __version__
from panel.admin.state import DEFAULT_SIZE, LAST_PAGE, SIZES
from panel.database import key_of
from panel.i18n import _
from panel.tokens import values
from panel.tokens.problems import KIND

Json = dict[str, Any]
PROBLEM: Json = {
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
                "required": ["field", "message"],
            },
        },
        "warnings": {"type": "array", "items": {"type": "string"}},
        "stale": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["type", "title", "status"],
}
TOLD = {
    400: "The request cannot be read.",
    401: "No token, or one that has ended or expired.",
    403: "The token, or its owner, may not.",
    404: "There is no such row, or it is out of sight.",
    405: "Not possible here.",
    409: "The row was changed meanwhile, or warnings are to be confirmed.",
    413: "Too large.",
    415: "Not JSON.",
    422: "A value cannot be.",
    429: "Too many requests: wait as many seconds as Retry-After says.",
}
READ = (401, 403, 404, 422, 429)
WRITE = (400, 401, 403, 404, 409, 413, 415, 422, 429)


def document() -> Json:
    """The whole document. Needs a request: texts are in its language, forms of its institution."""
    from panel.tokens.rest import ROOT, views

    paths: Json = {f"{ROOT}/openapi.json": {"get": _document_operation()}}
    schemas: Json = {"Problem": PROBLEM}
    for path, view in sorted(views().items()):
        name = key_of(view.model).replace(".", "_") + ("" if view.slug == "" else f"_{view.slug}")
        schemas[name] = _row(view)
        form = view.form(None)
        paths[f"{ROOT}/{path}"] = {"get": _list(view, name)}
        paths[f"{ROOT}/{path}/{{id}}"] = {"parameters": [_id()], "get": _get(view, name)}
        if view.may.create is not None:
            schemas[f"{name}_new"] = _input(form, new=True)
            paths[f"{ROOT}/{path}"]["post"] = _write(view, name, f"{name}_new", 201, _("Add"))
        if view.may.edit is not None:
            schemas[f"{name}_change"] = _input(form, new=False)
            paths[f"{ROOT}/{path}/{{id}}"]["patch"] = _write(view, name, f"{name}_change", 200, _("Change"))
    return {
        "openapi": "3.1.0",
        "info": {"title": "掌印 Zhangyin", "version": __version__},
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _document_operation() -> Json:
    return {
        "operationId": "document",
        "responses": {
            "200": {"description": "This document.", "content": {"application/json": {"schema": {"type": "object"}}}},
            **_problems((401, 429)),
        },
    }


def _row(view: Any) -> Json:
    fields = view.model._meta.fields
    names = values.names_of(view)
    return {
        "type": "object",
        "title": str(view.model.title),
        "properties": {name: values.schema_of(fields[name]) for name in names},
        "required": names,
    }


def _input(form: Any, new: bool) -> Json:
    controls = {name: control for name, control in form._fields.items() if values.takes(control)}
    properties = {name: values.control_schema(control) for name, control in controls.items()}
    required = [name for name, control in controls.items() if new and values.is_required(control)]
    if not new:
        properties["version"] = {"type": "integer", "description": _("The version that was read.")}
        required = ["version"]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _list(view: Any, name: str) -> Json:
    whole = {"type": "integer"}
    page = {
        "type": "object",
        "properties": {
            "data": {"type": "array", "items": _ref(name)},
            "page": whole,
            "size": whole,
            "total": whole,
            "capped": {"type": "boolean"},
            "next": {"type": ["string", "null"]},
        },
        "required": ["data", "page", "size", "total", "capped", "next"],
    }
    parameters = [
        _query("q", {"type": "string", "maxLength": 100}),
        _query("sort", {"type": "string", "enum": sorted(view.sortable)}),
        _query("page", {"type": "integer", "minimum": 1, "maximum": LAST_PAGE, "default": 1}),
        _query("size", {"type": "integer", "enum": list(SIZES), "default": DEFAULT_SIZE}),
        *(_query(key, {"type": "string"}, str(one.label)) for one in view.filter_objects for key in one.keys),
    ]
    return {
        "operationId": f"list_{name}",
        "summary": str(view.label),
        "parameters": parameters,
        "responses": {"200": _answer(page), **_problems(READ)},
    }


def _get(view: Any, name: str) -> Json:
    return {
        "operationId": f"get_{name}",
        "summary": str(view.model.title),
        "responses": {"200": _answer(_ref(name)), **_problems(READ)},
    }


def _write(view: Any, name: str, body: str, status: int, verb: str) -> Json:
    confirm = _query("confirm", {"type": "string", "enum": ["true", "false"]}, _("Save although warnings open."))
    return {
        "operationId": f"{'create' if status == 201 else 'update'}_{name}",
        "summary": f"{verb}: {view.model.title}",
        "parameters": [confirm],
        "requestBody": {"required": True, "content": {"application/json": {"schema": _ref(body)}}},
        "responses": {str(status): _answer(_ref(name)), **_problems(WRITE)},
    }


def _query(name: str, schema: Json, told: str = "") -> Json:
    made: Json = {"name": name, "in": "query", "schema": schema}
    return {**made, "description": told} if told else made


def _id() -> Json:
    return {"name": "id", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1}}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _answer(schema: Json) -> Json:
    return {"description": "OK", "content": {"application/json": {"schema": schema}}}


def _problems(statuses: tuple[int, ...]) -> Json:
    content = {KIND: {"schema": _ref("Problem")}}
    return {str(status): {"description": TOLD[status], "content": content} for status in statuses}
