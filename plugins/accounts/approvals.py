"""What chains of approval decide about accounts: opening, changing, closing, and who operates them."""

from __future__ import annotations

import dataclasses
from typing import Any

from panel.api import ApprovalField, ApprovalRequest, ApprovalSubject, UnitKind, _, _l
from plugins.accounts.choices import EntityKind, Level, OperatorKind
from plugins.accounts.governing import APPOINTMENT, CHANGE, CLOSING, OPENING
from plugins.accounts.life.choices import Kind, Part
from plugins.accounts.life.deciding import approved, ended
from plugins.accounts.life.judging import HOSTED, changes
from plugins.accounts.life.models import Application
from plugins.accounts.life.reading import nominees_of, papers_of
from plugins.accounts.shipped import PLATFORMS


def _platform(application: Application) -> Any:
    return application.platform or (application.account.platform if application.account_id else None)


def _level(application: Application) -> str:
    return application.level or (application.account.level if application.account_id else "") or ""


def _body(application: Application) -> Any:
    """The unit the account stands for: the hosted body, or who applies."""
    if application.body is not None:
        return application.body
    of_account = application.account.body if application.account_id else None
    return of_account or application.unit


def _changes(*names: str) -> Any:
    return lambda application: bool(application.account_id and set(names) & set(changes(application)))


def _names(application: Application, *, leaves: bool, administrators: bool | None = None) -> bool:
    found = [n for n in nominees_of(application, Part.OPERATOR) if n.leaves is leaves]
    if administrators is None:
        return bool(found)
    return any((n.kind == OperatorKind.ADMINISTRATOR) is administrators for n in found)


FIELDS = (
    ApprovalField(
        "platform",
        _l("Platform"),
        lambda a: (p := _platform(a)) and (p.code or p.name),
        tuple((p["code"], p["name"]) for p in PLATFORMS),
    ),
    ApprovalField("family", _l("Family of the platform"), lambda a: (p := _platform(a)) and p.family),
    ApprovalField("unit_kind", _l("Kind of the applying unit"), lambda a: a.unit.kind, UnitKind.pairs()),
    ApprovalField("unit", _l("Applying unit"), lambda a: a.unit.name),
    ApprovalField("kind", _l("Kind of the body that has the account"), lambda a: _body(a).kind, UnitKind.pairs()),
    ApprovalField("hosted", _l("For a hosted body"), lambda a: _body(a).kind in HOSTED),
    ApprovalField("level", _l("Level"), _level, Level.pairs()),
)
CHANGED = (
    ApprovalField("changes_name", _l("The name changes"), _changes("name")),
    ApprovalField("changes_responsible", _l("The responsible person changes"), _changes("responsible")),
    ApprovalField("changes_entity", _l("The legal entity changes"), _changes("entity", "entity_kind")),
    ApprovalField("changes_unit", _l("The account moves to another unit"), _changes("unit")),
    ApprovalField("changes_scope", _l("Purpose or scope change"), _changes("purpose", "publishing_scope")),
    ApprovalField("changes_description", _l("The introduction changes"), _changes("description")),
)
APPOINTED = (
    ApprovalField("appoints", _l("Somebody becomes an operator"), lambda a: _names(a, leaves=False)),
    ApprovalField(
        "administrator", _l("Somebody becomes administrator"), lambda a: _names(a, leaves=False, administrators=True)
    ),
    ApprovalField("releases", _l("Somebody's term ends"), lambda a: _names(a, leaves=True)),
)

ASKED = (
    *("name", "platform", "identifier", "level", "body", "purpose", "publishing_scope", "description"),
    *("responsible", "contact_phone", "entity", "entity_kind", "licence", "licence_name", "licence_until", "identity"),
    "replaces",
)


def _shown(name: str, value: Any) -> Any:
    labels: dict[str, Any] = {"level": Level, "entity_kind": EntityKind}
    return labels[name](value).label if name in labels and value else value


def _people(application: Application) -> list[tuple[Any, Any]]:
    found = []
    for nominee in nominees_of(application):
        label = Part(nominee.part).label
        if nominee.leaves:
            label = _("Ends: %(what)s", what=label)
        elif nominee.part == Part.OPERATOR and nominee.kind == OperatorKind.ADMINISTRATOR:
            label = OperatorKind(nominee.kind).label
        post = f"（{nominee.person.post}）" if nominee.person.post else ""
        found.append((label, f"{nominee.person}{post}"))
    return found


def facts(application: Application) -> list[tuple[Any, Any]]:
    """What signers read: of an opening all that is asked for; of a change what is now and what shall be."""
    fields = Application._meta.fields
    found: list[tuple[Any, Any]] = [
        (_("Applies for"), Kind(application.kind).label),
        (fields["unit"].verbose_name, application.unit),
    ]
    if application.kind == Kind.OPENING:
        for name in ASKED:
            if (value := getattr(application, name)) not in (None, ""):
                found.append((fields[name].verbose_name, _shown(name, value)))
    else:
        found.append((fields["account"].verbose_name, f"{application.account}（{application.account.platform}）"))
        for name, (old, new) in changes(application).items():
            label = type(application.account)._meta.fields[name].verbose_name
            found.append((label, f"{_shown(name, old) or '—'} → {_shown(name, new) or '—'}"))
    found += _people(application)
    found.append((fields["reason"].verbose_name, application.reason))
    if application.necessity:
        found.append((fields["necessity"].verbose_name, application.necessity))
    if papers := papers_of(application):
        found.append((_("Papers"), "、".join(paper.file_name for paper in papers)))
    return found


def _approved(application: Application, request: ApprovalRequest) -> None:
    approved(application)


def _ended(application: Application, request: ApprovalRequest) -> None:
    ended(application, request.state)


opening = ApprovalSubject(
    name=OPENING,
    title=_l("Opening an account"),
    model=Application,
    unit=lambda application: application.unit,
    facts=facts,
    fields=FIELDS,
    approved=_approved,
    ended=_ended,
    rules=("s0-07-r08", "s0-09-r17", "s3-01-r03", "s3-03-r27"),
)
change = dataclasses.replace(
    opening,
    name=CHANGE,
    title=_l("Changing an account"),
    fields=(*FIELDS, *CHANGED, *APPOINTED),
    rules=("s0-07-r14", "s2-01-r04", "s3-03-r04", "s4-01-r21"),
)
closing = dataclasses.replace(
    opening,
    name=CLOSING,
    title=_l("Closing an account"),
    fields=FIELDS,
    rules=("s0-09-r17", "s0-09-r18", "s2-03-r04"),
)
appointment = dataclasses.replace(
    opening,
    name=APPOINTMENT,
    title=_l("Appointing operators"),
    fields=(*FIELDS, *APPOINTED),
    rules=("s3-03-r04", "s2-04-r01"),
)
