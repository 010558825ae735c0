"""Pages that pass things on: one account's password, all that one person keeps, the responsibility for many."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from peewee import JOIN

from panel.api import (
    NotFound,
    Person,
    _,
    address_of,
    carried_out,
    find,
    form_sent,
    ngettext,
    scope,
)
from plugins.accounts import services
from plugins.accounts.forms import HandoverForm, ResponsibleForm
from plugins.accounts.models import Account, Custodian, Platform
from plugins.accounts.permissions import AccountsPermission as P


def respond(view: Any) -> Any:
    """`id`: one account; `person`: whatever they keep; `row`, repeated: these terms. Ticked ones are handed over."""
    terms, account = _terms()
    if not terms:
        raise NotFound(_("There is no password to hand over here."))
    form = HandoverForm(form_sent())
    ticked = {t.id for t in terms}
    if request.method == "POST":
        ticked &= {int(i) for i in request.form.getlist("term") if i.isdecimal()}
        if not ticked:
            form.refusals.append(_("Tick whose custody is handed over."))
    chosen = [t for t in terms if t.id in ticked]
    if chosen and carried_out(form, lambda: _hand_over(chosen, form)):
        done = ngettext("%(num)s password is handed over.", "%(num)s passwords are handed over.", len(chosen))
        flash(done, "success")
        back = address_of(account, "custody") if account else url_for("accounts_custodian.index_view")
        return redirect(back)
    if account is not None and len(terms) > 1 and request.method == "GET":
        ticked = set()  # who of several leaves is for the user to say
    context = {"form": form, "terms": terms, "ticked": ticked, "account": account, "leaver": _leaver(terms)}
    return view.render("accounts/handover.html", **context), 422 if form.wrong else 200


def respond_responsible(view: Any) -> Any:
    """The page that names who answers for the accounts `row`, repeated."""
    ids = [int(i) for i in request.args.getlist("row")[:500] if i.isdecimal() and len(i) < 19]
    query: Any = (
        Account.select(Account, Platform, Person)
        .join_from(Account, Platform)
        .join_from(Account, Person, JOIN.LEFT_OUTER, on=Account.responsible)
    )
    accounts = list(scope(query.where(Account.id.in_(ids)), P.ACCOUNT_EDIT).order_by(Account.name)) if ids else []
    if not accounts or len(accounts) < len(set(ids)):
        raise NotFound(_("This page does not exist, or is not yours to see."))
    form = ResponsibleForm(form_sent())
    wanted: Any = form.responsible
    if carried_out(form, lambda: services.change_responsible(accounts, wanted.data)):
        done = ngettext(
            "%(num)s account has a new responsible person.",
            "%(num)s accounts have a new responsible person.",
            len(accounts),
        )
        flash(done, "success")
        return redirect(url_for("accounts_account.index_view"))
    return view.render("accounts/responsible.html", form=form, accounts=accounts), 422 if form.wrong else 200


def _terms() -> tuple[list[Custodian], Account | None]:
    """The open terms the address names, with person, account and platform; the account, if it is about one."""
    query: Any = (
        Custodian.select(Custodian, Person, Account, Platform)
        .join_from(Custodian, Person)
        .join_from(Custodian, Account)
        .join_from(Account, Platform)
        .where(Custodian.until.is_null())
        .order_by(Account.name, Custodian.since, Custodian.id)
    )
    query = scope(query, P.CUSTODIAN_HAND_OVER)
    if "id" in request.args:
        account = find(Account, request.args["id"], P.CUSTODIAN_HAND_OVER)
        return list(query.where(Custodian.account == account)), account
    if request.args.get("person", "").isdecimal():
        return list(query.where(Custodian.person == int(request.args["person"][:18]))), None
    ids = [int(i) for i in request.args.getlist("row")[:500] if i.isdecimal() and len(i) < 19]
    found = list(query.where(Custodian.id.in_(ids))) if ids else []
    if len(found) < len(set(ids)):
        raise NotFound(_("This page does not exist, or is not yours to see."))
    return found, None


def _leaver(terms: list[Custodian]) -> Person | None:
    """Who leaves, where it is one person."""
    return terms[0].person if len({t.person_id for t in terms}) == 1 else None


def _hand_over(terms: list[Custodian], form: HandoverForm) -> None:
    taking: Any = form.taking.data
    services.hand_over_all(
        terms,
        taking,
        witness=form.witness.data,
        on=form.on.data,
        way=form.way.data,
        password_changed_on=form.password_changed_on.data,
        sealed=form.sealed,
        note=form.note.data,
    )
