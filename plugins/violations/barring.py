"""What a sanction or a stop means elsewhere: who is barred is assigned nothing and releases nothing."""

from __future__ import annotations

from datetime import date
from typing import Any

from panel.api import Refused, _, follow, today
from plugins.accounts.services import Account, Custodian, Operator
from plugins.violations.choices import BARS, HOLDING, Effect, Verdict
from plugins.violations.models import Case, Sanction
from plugins.violations.neighbours import Release, look_at_releases


def holding(day: date) -> Any:
    """That a sanction which bars, or stops an account, holds on a day; as a condition."""
    return (
        Sanction.effect.in_(BARS)
        & Sanction.state.in_(HOLDING)
        & (Sanction.since <= day)
        & (Sanction.until.is_null() | (Sanction.until >= day))
    )


def bar_of(institution_id: int, people: Any, day: date) -> Sanction | None:
    """A sanction that bars one of these people on a day."""
    found: Sanction | None = (
        Sanction.select()
        .where(Sanction.institution == institution_id, Sanction.person.in_(people), holding(day))
        .order_by(Sanction.id)
        .first()
    )
    return found


def _refuse(bar: Sanction | None, field: str) -> None:
    if bar is None:
        return
    if bar.until is None:
        raise Refused(
            _("%(person)s has lost the right to use accounts (%(name)s).", person=bar.person, name=bar.name), field
        )
    raise Refused(
        _("%(person)s is suspended until %(day)s (%(name)s).", person=bar.person, day=bar.until, name=bar.name), field
    )


def _terms(model: Any) -> Any:
    def work(institution_id: int, touched: Any) -> None:
        people = model.select(model.person).where(model.id.in_(touched.ids), model.until.is_null())
        _refuse(bar_of(institution_id, people, today()), "person")

    return work


# s1-08-r14, s1-16-r09: nobody who is barred becomes operator, custodian or responsible.
operator_assigned = follow(Operator, "person")(_terms(Operator))
custodian_assigned = follow(Custodian, "person")(_terms(Custodian))


@follow(Account, "responsible")
def responsible_named(institution_id: int, touched: Any) -> None:
    """Who is barred answers for no account."""
    people = Account.select(Account.responsible).where(Account.id.in_(touched.ids), Account.responsible.is_null(False))
    _refuse(bar_of(institution_id, people, today()), "responsible")


def released(institution_id: int, touched: Any) -> None:
    """Nothing goes out by who is suspended (s1-16-r09), nor on an account that is (s0-01-r11, s2-01-r07)."""
    for made in Release.select().where(Release.id.in_(touched.ids)):
        day, account = made.released_on, made.__data__["account"]
        if made.__data__["by"] is not None:
            _refuse(bar_of(institution_id, [made.__data__["by"]], day), "by")
        if account is not None:
            _stopped(account, day)


def _stopped(account: int, day: date) -> None:
    sanction = Sanction.select().where(
        Sanction.account == account, Sanction.effect == Effect.SUSPEND, holding(day)
    ).first()  # fmt: skip
    if sanction is not None:
        raise Refused(
            _("%(account)s is suspended until %(day)s.", account=sanction.account, day=sanction.until), "account"
        )
    case = (
        Case.select()
        .where(
            Case.account == account,
            Case.stopped_on <= day,
            Case.rectified_on.is_null() | (Case.rectified_on > day),
            Case.verdict != Verdict.UNFOUNDED,
        )
        .first()
    )
    if case is not None:
        raise Refused(
            _("Releases on %(account)s are stopped until its rectification is accepted.", account=case.account),
            "account",
        )


if Release is not None:
    release_entered = follow(Release, "released_on", "account", "by")(released)
    release_looked_at = follow(Release, "account", "by")(look_at_releases)
