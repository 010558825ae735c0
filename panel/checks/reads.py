"""What a check reads, found in its query, so that a save runs the checks it concerns and no others."""

from __future__ import annotations

import functools
from typing import Any

from peewee import Field, FieldAlias, Model, ModelAlias, Node

from panel.checks.compiled import query_of, unit_of
from panel.checks.declare import Check, Judged
from panel.checks.models import Judgement, Mark
from panel.org.models import Institution

Reads = frozenset[tuple[type[Model], str]]


@functools.lru_cache(maxsize=2048)
def reads(check: Check) -> Reads:
    """Every (model, field) in the check's query; the policy's own table and the institution's aside."""
    found: set[tuple[type[Model], str]] = set()
    query, subject = query_of(check)
    _walk([query, unit_of(check.subject, subject)], found, set())
    aside = {Institution, Mark, Judgement, check.policy}
    return frozenset((model, name) for model, name in found if model not in aside or model is check.subject)


def _walk(node: Any, found: set[tuple[type[Model], str]], seen: set[int]) -> None:
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, FieldAlias):
        found.add((node.source.model, node.field.name))
    elif isinstance(node, Field):
        found.add((node.model, node.name))
    elif isinstance(node, (list, tuple, set, frozenset)):
        for part in node:
            _walk(part, found, seen)
    elif isinstance(node, dict):
        for part in node.values():
            _walk(part, found, seen)
    elif isinstance(node, Node) and not isinstance(node, ModelAlias):
        for part in vars(node).values():
            _walk(part, found, seen)


def problems(check: Check) -> list[str]:
    """What is wrong with a declaration: a query that cannot be made, a model that is read but not watched."""
    try:
        models = {model for model, _name in reads(check)}
    except Exception as error:
        return [f"check {check.code}: its query cannot be made: {type(error).__name__}: {error}"]
    covered = {check.subject, *check.watches, *(model for judged in check.sees for model in judged.parameters)}
    wrong = [
        f"check {check.code}: reads {model.__name__} but does not say how its rows lead to {check.subject.__name__}"
        for model in sorted(models - covered, key=lambda m: m.__name__)
    ]
    if check.parameters and check.policy is None:
        wrong.append(f"check {check.code}: names parameters but no policy")
    for name in check.parameters:
        if check.policy is not None and name not in check.policy._meta.fields:
            wrong.append(f"check {check.code}: {check.policy.__name__} has no parameter {name}")
    return wrong


def inputs(judged: Judged) -> Reads:
    """Every (model, field) of the row that a judgement looks at."""
    return frozenset((judged.subject, name) for name in judged.inputs)
