"""What lapses: verifications, the yearly review, the steps of a renewal, certificates and domains of sites."""

from __future__ import annotations

from datetime import date
from typing import Any

from peewee import fn

from panel.api import (
    SHORT,
    STANDARD,
    Audience,
    Due,
    Every,
    Evidence,
    Institution,
    ObligationKind,
    Plan,
    Refused,
    Step,
    Terms,
    _,
    _l,
    records,
    show_money,
)
from plugins.accounts.services import Account
from plugins.certification import services
from plugins.certification.models import Outcome, Renewal, RenewalStep, Review, Site, StepKind, Verdict, Window

IN_USE = ("active", "idle", "suspended", "pending")

RENEWAL_PLAN = Plan(
    (*(Step(-d) for d in (90, 60, 30, 15, 7, 3, 1, 0)), Step(1, Audience.LEAD), Step(3, Audience.OFFICE)),
    repeat_every=3,
)


def _verified(institution: Institution) -> Any:
    """Accounts with a verification, the last renewal that passed, and what the platform says is lost."""
    passed = Renewal.select(fn.MAX(Renewal.id)).where(Renewal.account == Account.id, Renewal.outcome == Outcome.PASSED)
    return (
        Account.select(Account, passed.alias("renewed"), Window.lost.alias("lost"), Window.fee.alias("fee"))
        .left_outer_join(Window, on=(Window.platform == Account.platform))
        .where(Account.institution == institution, Account.status.in_(IN_USE), Account.certified_until.is_null(False))
        .objects()
    )


def _renewal(account: Any, terms: Terms) -> Due | None:
    details = {"lost": account.lost} if account.lost else {}
    if account.fee:
        details["fee"] = show_money(account.fee)
    return Due(
        on=account.certified_until,
        unit=account.__data__["unit"],
        person=account.responsible_id,
        anchor=str(account.renewed or ""),
        details=details,
    )


def _renewed(account: Account, evidence: Evidence) -> None:
    if evidence.until is None:
        raise Refused(_("Enter the new date."), "until")
    services.record_renewal(
        account, evidence.on, evidence.until, note=evidence.note, file=evidence.file, file_name=evidence.file_name
    )


def _reviewed(institution: Institution) -> Any:
    last = Review.select(fn.MAX(Review.on)).where(Review.account == Account.id)
    return Account.select(Account, last.alias("reviewed_on")).where(
        Account.institution == institution, Account.status.in_(IN_USE)
    )


def _review(account: Any, terms: Terms) -> Due | None:
    if not terms.every:
        return None
    last = account.reviewed_on
    if isinstance(last, str):
        last = date.fromisoformat(last)
    return Due(
        on=terms.every.after(last or account.created_at.date()),
        unit=account.__data__["unit"],
        person=account.responsible_id,
        anchor=last or "",
    )


def _steps(institution: Institution) -> Any:
    return (
        RenewalStep.select(RenewalStep, Renewal, Account)
        .join(Renewal)
        .join(Account)
        .where(
            RenewalStep.institution == institution,
            RenewalStep.done_on.is_null(),
            RenewalStep.kind != StepKind.RESULT,  # the renewal itself asks for that
            Renewal.outcome == Outcome.RUNNING,
        )
    )


def _step(step: RenewalStep, terms: Terms) -> Due | None:
    account = step.renewal.account
    return Due(
        on=step.due_on,
        unit=account.__data__["unit"],
        person=step.__data__["person"],
        text=f"{step} · {account}",
    )


def _step_done(step: RenewalStep, evidence: Evidence) -> None:
    services.finish_step(step, evidence.on, evidence.note, evidence.file, evidence.file_name)


def _certificate(site: Site, terms: Terms) -> Due | None:
    if site.tls_until is None:
        return None
    return Due(
        on=site.tls_until, unit=site.__data__["unit"], person=site.__data__["person"], anchor=site.tls_print[:40]
    )


def _certificate_seen(site: Site, evidence: Evidence) -> None:
    seen = services.look_at(site.host, site.port)
    if seen.print == site.tls_print or seen.until is None:
        raise Refused(_("%(site)s still shows the old certificate. Install the new one first.", site=site))
    services.enter_certificate(site, seen)


def _domain(site: Site, terms: Terms) -> Due | None:
    if site.domain_until is None:
        return None
    return Due(on=site.domain_until, unit=site.__data__["unit"], person=site.__data__["person"])


def _domain_paid(site: Site, evidence: Evidence) -> None:
    if evidence.until is None or (site.domain_until is not None and evidence.until <= site.domain_until):
        raise Refused(_("The new date lies after the one before."), "until")
    records.update(site, domain_until=evidence.until)


renewal = ObligationKind(
    name="certification.renewal",
    title=_l("Renew the verification"),
    model=Account,
    rows=_verified,
    due=_renewal,
    done=_renewed,
    plan=RENEWAL_PLAN,
    asks=("until",),
    rules=("s2-09-r23",),
    help=_l("Papers, fee, submission and the platform's review take weeks."),
)
review = ObligationKind(
    name="certification.review",
    title=_l("Annual review"),
    model=Account,
    rows=_reviewed,
    due=_review,
    done=lambda account, evidence: services.review(account, evidence.on, Verdict.KEEP, note=evidence.note),
    every=Every(months=12),
    plan=STANDARD,
    rules=("s0-07-r07",),
    help=_l("Each account is looked through, ranked and kept, merged or closed once a year."),
)
step = ObligationKind(
    name="certification.step",
    title=_l("Step of a renewal"),
    model=RenewalStep,
    rows=_steps,
    due=_step,
    done=_step_done,
    also=(Renewal,),
    ids=lambda renewal: [s.id for s in RenewalStep.select(RenewalStep.id).where(RenewalStep.renewal == renewal)],
    plan=SHORT,
    rules=("s2-09-r23",),
)
certificate = ObligationKind(
    name="certification.certificate",
    title=_l("Renew the website's certificate"),
    model=Site,
    due=_certificate,
    done=_certificate_seen,
    plan=Plan((*(Step(-d) for d in (30, 14, 7, 3, 1, 0)), Step(1, Audience.LEAD)), repeat_every=1, workdays=False),
    help=_l("Its end is read from the site every day; a new certificate ends this by itself."),
)
domain = ObligationKind(
    name="certification.domain",
    title=_l("Pay for the domain"),
    model=Site,
    due=_domain,
    done=_domain_paid,
    plan=STANDARD,
    asks=("until",),
    help=_l("An ICP number is revoked with an expired domain, and cannot be restored."),
)
