"""The page on which an application is written: a new one, a draft, or one that was returned."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request

from panel.api import (
    NotAllowed,
    NotFound,
    Refused,
    Unit,
    _,
    address_of,
    current,
    find,
    form_sent,
)
from plugins.accounts import services
from plugins.accounts.choices import OperatorKind
from plugins.accounts.life.applying import PEOPLE, editable
from plugins.accounts.life.choices import Kind, Part
from plugins.accounts.life.forms import FORMS
from plugins.accounts.life.judging import CHANGEABLE
from plugins.accounts.life.models import Application
from plugins.accounts.life.reading import draft_for, nominees_of
from plugins.accounts.models import Account
from plugins.accounts.permissions import AccountsPermission as P


def apply(view: Any, kind: Kind) -> Any:
    """Begin an application; one that is drafted already is gone on with."""
    account = None if kind == Kind.OPENING else find(Account, request.args.get("id"), P.APPLICATION_APPLY)
    if account is not None and request.method == "GET" and (there := draft_for(account, kind)) is not None:
        return redirect(view.at("amend", id=there.id))
    return _respond(view, kind, account, None)


def amend(view: Any, application: Application) -> Any:
    """Edit an application that can be edited."""
    editable(application)
    return _respond(view, Kind(application.kind), application.account, application)


def _respond(view: Any, kind: Kind, account: Account | None, application: Application | None) -> Any:
    sent = form_sent()
    form = FORMS[kind](sent, data=_values(kind, account, application) if sent is None else {})
    form.permission = P.APPLICATION_APPLY
    if sent is not None and form.validate():
        try:
            row = _write(kind, account, application, _given(form, kind, account))
        except (NotAllowed, NotFound):
            raise
        except Refused as refusal:
            form.refuse(refusal)
        else:
            flash(_("Saved. Look through it, then submit it."), "success")
            return redirect(view.url_of(row))
    back = view.url_of(application) if application else address_of(account) if account else view.address
    context = {"form": form, "row": application, "account": account, "back": back}
    return view.render("accounts/apply.html", **context), 422 if form.wrong else 200


def _write(kind: Kind, account: Account | None, application: Application | None, values: dict[str, Any]) -> Application:
    unit = values.get("unit")
    if unit is not None:
        _require_own(unit)
    if application is None:
        return services.draft(kind, values, account)
    given = request.form.get("version", "")
    services.amend(application, int(given) if given.isdecimal() and len(given) < 10 else 0, values)
    return application


def _require_own(unit: Unit) -> None:
    """Nobody applies in the name of a unit that is not theirs."""
    try:
        find(Unit, unit.id, P.APPLICATION_APPLY)
    except NotFound:
        raise Refused(_("You may not apply in the name of %(unit)s.", unit=unit), "unit") from None


def _given(form: Any, kind: Kind, account: Account | None) -> dict[str, Any]:
    """What the form says. Of a change, what is as it was stays out: null."""
    values = {name: field.data for name, field in form._fields.items() if name != "csrf_token"}
    values |= {name: None for name in ("level", "entity_kind") if values.get(name) == ""}
    if kind == Kind.CHANGE and account is not None:
        for name in (n for n in CHANGEABLE if n in values):
            own = getattr(account, "unit" if name == "to_unit" else name)
            same = values[name] == own or (values[name] in (None, "") and own in (None, ""))
            values[name] = None if same else values[name]
    return values


def _values(kind: Kind, account: Account | None, application: Application | None) -> dict[str, Any]:
    """What the form begins with: the application as it is, over the account as it is."""
    values: dict[str, Any] = {}
    if kind == Kind.CHANGE and account is not None:
        values = {name: getattr(account, "unit" if name == "to_unit" else name) for name in CHANGEABLE}
    if application is not None:
        own = {name: getattr(application, name) for name in FORMS[kind]()._fields if name in application._meta.fields}
        values |= {name: value for name, value in own.items() if value is not None}
        values |= _people(application)
    elif kind == Kind.OPENING:
        identity = current()
        person = identity.user.person if identity and identity.user else None
        given = request.args.get("unit", "")
        unit = Unit.get_or_none(Unit.id == int(given)) if given.isdecimal() and len(given) < 19 else None
        values["unit"] = unit or (person.unit if person else None)
        try:
            if values["unit"] is not None:
                find(Unit, values["unit"].id, P.APPLICATION_APPLY)
        except NotFound:
            values["unit"] = None
    return values


def _people(application: Application) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {name: [] for name in PEOPLE}
    for nominee in nominees_of(application):
        if nominee.part == Part.CUSTODIAN:
            found["custodians"].append(nominee.person)
        elif nominee.leaves:
            found["leaving"].append(nominee.person)
        else:
            administrator = nominee.kind == OperatorKind.ADMINISTRATOR
            found["administrators" if administrator else "operators"].append(nominee.person)
    return found
