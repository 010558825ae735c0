"""The verbs: begin a renewal, tick off its steps, enter its result; review; look at certificates."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from panel.api import (
    Every,
    Holding,
    Institution,
    NotFound,
    Person,
    Refused,
    _,
    _l,
    audit,
    records,
    settle_obligations,
    today,
    transaction,
    utcnow,
)
from plugins.accounts.services import Account, Platform, apply_for, change_account
from plugins.certification.certificates import Seen, look_at
from plugins.certification.models import Outcome, Renewal, RenewalStep, Review, Site, StepKind, Verdict, Window
from plugins.certification.shipped import RULES

# Days before the verification lapses by which each step is due.
LEAD_DAYS = {StepKind.COLLECT: 45, StepKind.PAY: 35, StepKind.SUBMIT: 30, StepKind.REVIEW: 10, StepKind.RESULT: 5}
STEP_DAYS = 7  # where there is no such date: each step so long after the one before


def on_enable(institution: Institution) -> None:
    """Give the platforms whose rules are known their renewal rules; adds only what is missing."""
    there: Any = Window.select(Window.platform).where(Window.institution == institution).tuples()
    known = {platform for (platform,) in there}
    platforms = Platform.select().where(Platform.institution == institution, Platform.certifies)
    rows = [
        {"institution": institution, "platform": platform, **RULES[platform.family]}
        for platform in platforms
        if platform.id not in known and platform.family in RULES
    ]
    records.bulk_create(Window, rows)


def rule_of(account: Account) -> Window | None:
    """What the account's platform demands."""
    found: Window | None = Window.get_or_none(Window.platform == account.__data__["platform"])
    return found


def begin_renewal(account: Account, people: dict[str, Person | None] | None = None) -> Renewal:
    """Begin a round of verification with its five steps; `people` maps a step to who does it.

    Raises Refused where one is under way, or the platform does not take it yet.
    """
    people = people or {}
    with transaction():
        rule, until = rule_of(account), account.certified_until
        if until and rule and today() < until - timedelta(days=rule.opens_days):
            opens = until - timedelta(days=rule.opens_days)
            raise Refused(_("%(platform)s takes renewals from %(day)s on.", platform=account.platform, day=opens))
        renewal = records.create(
            Renewal,
            institution=account.institution_id,
            account=account,
            unit=account.unit,
            year=(until or today()).year,
            lapsed_on=until,
            fee=rule.fee if rule else 0,
        )
        for position, kind in enumerate(StepKind):
            person = people.get(kind.value) or account.responsible
            _same_institution(account.institution_id, person)
            records.create(
                RenewalStep,
                institution=account.institution_id,
                renewal=renewal,
                kind=kind.value,
                position=position,
                person=person,
                due_on=_step_day(kind, position, until),
            )
    return renewal


def _step_day(kind: StepKind, position: int, until: date | None) -> date:
    """By when a step is due: so long before the verification lapses, and never in the past."""
    soonest = today() + timedelta(days=STEP_DAYS * (position + 1))
    if until is None:
        return soonest
    return max(min(soonest, until), until - timedelta(days=LEAD_DAYS[kind]))


def finish_step(
    step: RenewalStep, on: date | None = None, note: str = "", file: str = "", file_name: str = "", paid: int = 0
) -> None:
    """Tick off a step, in any order. Paying notes the amount (fen). The last one, the result, has a verb of its own."""
    on = on or today()
    with transaction():
        if step.renewal.outcome != Outcome.RUNNING or step.done_on is not None:
            raise Refused(_("This step is done already."))
        if step.kind == StepKind.RESULT:
            raise Refused(_("Enter the result: passed and until when, or not passed."))
        if on > today():
            raise Refused(_("%(day)s is still to come. Enter the day it happened.", day=on), "on")
        values: dict[str, Any] = {"done_on": on, "note": note[:500]}
        if file:
            values |= {"file": file, "file_name": file_name}
        records.update(step, **values)
        if step.kind == StepKind.PAY:
            records.update(step.renewal, paid=paid or step.renewal.fee, paid_on=on)


def finish_renewal(
    renewal: Renewal, outcome: Outcome, on: date | None = None, valid_until: date | None = None, **values: Any
) -> None:
    """Enter the platform's answer. Passed, the account is verified until the new day; the fee is spent either way.

    `values`: note, file, file_name. Raises Refused naming the field where the new day is missing or not later.
    """
    on = on or today()
    with transaction():
        stored = Renewal.get_by_id(renewal.id)
        if stored.outcome != Outcome.RUNNING:
            raise Refused(_("This renewal has ended already."))
        if on > today():
            raise Refused(_("%(day)s is still to come. Enter the day it happened.", day=on), "on")
        if outcome == Outcome.PASSED:
            if valid_until is None or valid_until <= max(on, stored.lapsed_on or on):
                raise Refused(_("Enter until when the new verification holds; later than the one before."), "until")
            values["valid_until"] = valid_until
        records.update(renewal, outcome=outcome.value, ended_on=on, **values)
        for step in RenewalStep.select().where(RenewalStep.renewal == renewal.id, RenewalStep.done_on.is_null()):
            if outcome == Outcome.PASSED or step.kind == StepKind.RESULT:
                records.update(step, done_on=on)
        if outcome == Outcome.PASSED:
            change_account(Account.get_by_id(stored.__data__["account"]), None, {"certified_until": valid_until})


def record_renewal(account: Account, on: date, valid_until: date, **values: Any) -> Renewal:
    """Enter a renewal that is over and passed, with or without one under way; `values` as for `finish_renewal`."""
    with transaction():
        running = Renewal.get_or_none(Renewal.account == account, Renewal.outcome == Outcome.RUNNING)
        if running is None:
            rule = rule_of(account)
            running = records.create(
                Renewal,
                institution=account.institution_id,
                account=account,
                unit=account.unit,
                year=(account.certified_until or on).year,
                began_on=on,
                lapsed_on=account.certified_until,
                fee=rule.fee if rule else 0,
                paid=rule.fee if rule else 0,
                paid_on=on,
            )
        finish_renewal(running, Outcome.PASSED, on, valid_until, **values)
    return running


def usual_end(account: Account, on: date) -> date:
    """Until when a verification holds that passed on a day, by the platform's rule."""
    rule = rule_of(account)
    return Every(months=rule.months if rule else 12).after(max(on, account.certified_until or on))


def review(account: Account, on: date, verdict: str, rank: int | None = None, note: str = "") -> Review:
    """Enter or change the review of the year of that day (s0-07-r07).

    Where it decides that the account is closed, an application for that is drafted.
    """
    if on > today():
        raise Refused(_("%(day)s is still to come. Enter the day it happened.", day=on), "on")
    values: dict[str, Any] = {"on": on, "verdict": verdict, "rank": rank, "note": note}
    with transaction():
        found = Review.get_or_none(Review.account == account, Review.year == on.year)
        if found is None:
            found = records.create(Review, institution=account.institution_id, account=account, year=on.year, **values)
        else:
            records.update(found, **values)
        if verdict == Verdict.CLOSE and account.status != "closed":
            apply_for("closing", account, note or _("Annual review of %(year)s", year=on.year))
    return found


def _same_institution(institution_id: int, *rows: Any) -> None:
    for row in rows:
        if row is not None and row.institution_id != institution_id:
            raise NotFound(_("This page does not exist, or is not yours to see."))


# ── websites ───────────────────────────────────────────────────────────────────────────────────


def look_at_sites(institution: Institution) -> dict[str, int]:
    """Read the certificate of every site; gives how many were looked at, changed, and could not be read."""
    counts = {"looked at": 0, "changed": 0, "failed": 0}
    for site in Site.select().where(Site.institution == institution).order_by(Site.id):
        seen = look_at(site.host, site.port)
        counts["looked at"] += 1
        counts["failed"] += seen.until is None
        counts["changed"] += enter_certificate(site, seen)
    return counts


def enter_certificate(site: Site, seen: Seen) -> bool:
    """Write down what was seen; a new certificate or a new fault is an event of the site's history."""
    with transaction():
        values: dict[str, Any] = {"checked_at": utcnow(), "tls_error": seen.error}
        new = seen.until is not None and seen.print != site.tls_print
        if seen.until is not None:
            values |= {"tls_until": seen.until, "tls_print": seen.print}
        records.derive(Site, Site.id == site.id, **values)
        if new or seen.error != site.tls_error:
            until = seen.until.isoformat() if seen.until else None
            audit.note("certificate", site, {"tls_until": until, "tls_error": seen.error})
            settle_obligations(Site, [site.id])
    return new


# ── what a person holds ────────────────────────────────────────────────────────────────────────


def _steps_of(people: Iterable[Person]) -> list[RenewalStep]:
    return list(
        RenewalStep.select(RenewalStep, Renewal, Account)
        .join(Renewal)
        .join(Account)
        .where(
            RenewalStep.person.in_([p.id for p in people]),
            RenewalStep.done_on.is_null(),
            Renewal.outcome == Outcome.RUNNING,
        )
    )


def _give(step: RenewalStep, person: Person | None) -> None:
    _same_institution(step.institution_id, person)
    records.update(step, person=person)


step = Holding(
    kind="certification.step",
    title=_l("Has a step of a renewal to do"),
    held_by=_steps_of,
    holder=lambda row: row.__data__["person"],
    subject=lambda row: f"{row} · {row.renewal.account}",
    hand_over=lambda row, successor, note: _give(row, successor),
    end=lambda row, note: _give(row, None),
)
