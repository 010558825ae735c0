"""A month's settlement from its beginning to the day it is paid."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import date
from typing import Any

from panel.api import (
    Institution,
    Refused,
    Unit,
    _,
    audit,
    current,
    enqueue,
    ngettext,
    records,
    submit_for_approval,
    today,
    transaction,
    utcnow,
)
from plugins.content.services import Release, Submission
from plugins.stipend.cards import card_on, month_end
from plugins.stipend.choices import CLOSED, EntryKind, FactorState, State
from plugins.stipend.collecting import window
from plugins.stipend.ledger import Adjustment, Entry, Factor, Payee, PayeeLine, Settlement
from plugins.stipend.rates import RateCard
from plugins.stipend.reckoning import reckon
from plugins.stipend.recounting import forget, ground_of, live, waiting
from plugins.stipend.totalling import tables_on

SUBJECT = "stipend.settlement"
TASK = "stipend.settle"


def begin(institution: Institution, month: date) -> Settlement:
    """Begin the settlement of a month and have it reckoned in the background.

    Raises Refused for a month that has one, is to come, has no rate card or tax table, or comes out of turn. Of two
    who begin the same month at the same moment, one is refused by the database.
    """
    month = month.replace(day=1)
    if month > today():
        raise Refused(_("%(month)s is still to come.", month=f"{month:%Y-%m}"), "month")
    last = month_end(month)
    with transaction():
        card = card_on(institution, last)
        if card is None:
            raise Refused(_("No rate card holds on %(day)s. Enter one first.", day=last), "month")
        tables_on(institution.id, last)
        running = live(institution.id)
        if running is not None and (running.month, running.state) == (month, State.GATHERING):
            records.update(running, state=State.COUNTING.value, card=card, basis=card.basis)
        else:
            _in_turn(institution, month)
            running = _make(institution, month, card, State.COUNTING)
        _have_reckoned(running)
    return running


def _make(institution: Institution, month: date, card: RateCard, state: State) -> Settlement:
    forget(institution.id)
    root = Unit.get(Unit.institution == institution, Unit.parent.is_null())
    given = {"institution": institution, "month": month, "unit": root, "card": card, "basis": card.basis}
    return records.create(Settlement, state=state.value, **given)


def _in_turn(institution: Institution, month: date) -> None:
    """Months are settled one after the other: what one leaves over comes into the next."""
    others = Settlement.select().where(Settlement.institution == institution)
    if others.where(Settlement.month == month).exists():
        raise Refused(_("This month has a settlement already."), "month")
    before = others.where(Settlement.month < month, Settlement.state.not_in(CLOSED)).first()
    if before is not None:
        raise Refused(_("%(month)s is not approved yet. Finish it first.", month=before), "month")
    after = others.where(Settlement.month > month).order_by(Settlement.month).first()
    if after is not None:
        raise Refused(
            _("%(month)s is settled already. What was not paid before it comes into the next month.", month=after),
            "month",
        )


def _have_reckoned(settlement: Settlement) -> None:
    enqueue(
        TASK,
        institution=settlement.institution,
        args={"settlement_id": settlement.id},
        key=f"{settlement.id}-{secrets.token_hex(8)}",
    )


def reckon_again(settlement: Settlement) -> None:
    """Have an open month reckoned anew. Raises Refused where it is decided."""
    with transaction():
        stored = Settlement.get_by_id(settlement.id)
        _open(stored)
        card = card_on(stored.institution_id, month_end(stored.month))
        if card is None:
            raise Refused(_("No rate card holds on %(day)s. Enter one first.", day=month_end(stored.month)))
        records.update(stored, state=State.COUNTING.value, card=card, basis=card.basis)
        _have_reckoned(stored)


def reckon_now(settlement: Settlement) -> dict[str, int]:
    """Reckon a month here and now, as the job does."""
    return reckon(settlement.id, secrets.randbits(62))


def gather(institution: Institution, mark: int, report: Callable[[int, int], Any]) -> dict[str, int]:
    """Reckon the month that runs, by what was released until now; it is settled when it is over.

    Nothing while a month before it is not approved yet, nor before the first month is settled.
    """
    with transaction():
        running = live(institution.id) or _next(institution)
        if running is None:
            forget(institution.id)
            return {}
        card = card_on(institution, month_end(running.month))
        if running.state != State.GATHERING or card is None:
            return {}
        records.update(running, card=card, basis=card.basis)
    return reckon(running.id, mark, report)


def _next(institution: Institution) -> Settlement | None:
    """The month after those settled in which something was released, begun."""
    last = Settlement.select().where(Settlement.institution == institution).order_by(Settlement.month.desc()).first()
    if last is None:
        return None
    out = Release.select().where(
        Release.institution == institution,
        Release.state == "out",
        Release.released_on > month_end(last.month),
        Release.released_on <= today(),
    )
    first = out.order_by(Release.released_on).first()
    card = card_on(institution, month_end(first.released_on)) if first is not None else None
    return _make(institution, first.released_on.replace(day=1), card, State.GATHERING) if card is not None else None


def _open(settlement: Settlement) -> None:
    if settlement.state == State.GATHERING:
        raise Refused(_("This month is still running. Settle it first."))
    if settlement.state == State.COUNTING:
        raise Refused(_("This month is being reckoned. Wait until it is done."))
    if settlement.state != State.OPEN:
        raise Refused(_("This month is decided. What is to be mended comes into a later month."))


def adjust(settlement: Settlement, payee: Payee, amount: int, reason: str) -> Adjustment:
    """Add an amount of fen to what a payee gets in an open month, or take it off, with a reason."""
    with transaction():
        stored = Settlement.get_by_id(settlement.id)
        if stored.state != State.COUNTING:
            _open(stored)
        if not reason.strip():
            raise Refused(_("Say why."), "reason")
        if not amount:
            raise Refused(_("An adjustment is not 0."), "amount")
        user = audit.current().user_id
        made = records.create(
            Adjustment,
            institution=stored.institution_id,
            settlement=stored,
            payee=payee,
            amount=amount,
            reason=reason.strip()[:300],
            by=user,
        )
        if stored.state == State.OPEN:
            reckon_again(stored)
    return made


def drop_adjustment(row: Adjustment) -> None:
    """Take an adjustment back while its month is open."""
    with transaction():
        stored = Settlement.get_by_id(row.__data__["settlement"])
        _open(stored)
        Entry.delete().where(Entry.adjustment == row).execute()
        records.delete(row)
        reckon_again(stored)


# ── approval ───────────────────────────────────────────────────────────────────────────────────


def proposals(settlement: Settlement) -> int:
    """Factors of the month's pieces that are proposed and not decided."""
    pieces = Release.select(Release.submission).where(window(settlement))
    return int(Factor.select().where(Factor.submission.in_(pieces), Factor.state == FactorState.PROPOSED.value).count())


def stale(settlement: Settlement) -> bool:
    """Whether something an open month was reckoned from changed since."""
    since = settlement.reckoned_at
    if since is None or settlement.goes_on is not None or settlement.ground != ground_of(settlement):
        return True
    if Adjustment.select().where(Adjustment.settlement == settlement, Adjustment.updated_at > since).exists():
        return True
    lines = PayeeLine.select(PayeeLine.payee).where(PayeeLine.settlement == settlement)
    return _retaxed(settlement, lines, since) or waiting(settlement)


def _retaxed(settlement: Settlement, lines: Any, since: Any) -> bool:
    changed = Payee.select(Payee.id).where(Payee.id.in_(lines), Payee.updated_at > since)
    return bool(
        PayeeLine.select()
        .join(Payee)
        .where(PayeeLine.settlement == settlement, Payee.id.in_(changed), Payee.income != PayeeLine.income)
        .exists()
    )


def submit(settlement: Settlement, note: str = "") -> None:
    """Hand an open month in for approval. Raises Refused while proposals are open, or where something changed since."""
    with transaction():
        stored = Settlement.get_by_id(settlement.id)
        _open(stored)
        count = proposals(stored)
        if count:
            raise Refused(
                ngettext(
                    "%(num)s factor is proposed and not decided yet.",
                    "%(num)s factors are proposed and not decided yet.",
                    count,
                )
            )
        if stale(stored):
            raise Refused(_("Something it is reckoned from has changed. Have it reckoned again first."))
        records.update(stored, state=State.REVIEW.value)
        submit_for_approval(stored, SUBJECT, note.strip())


def approved(settlement: Settlement) -> None:
    """The last signature: the month is locked."""
    records.update(settlement, state=State.LOCKED.value, locked_at=utcnow())


def reopened(settlement: Settlement) -> None:
    """Returned, rejected or withdrawn: the month is open again."""
    stored = Settlement.get_by_id(settlement.id)
    if stored.state == State.REVIEW:
        records.update(stored, state=State.OPEN.value)


def mark_paid(settlement: Settlement, on: date) -> None:
    """Enter the day the finance office paid. Raises Refused for a month that is not approved, or a day to come."""
    with transaction():
        stored = Settlement.get_by_id(settlement.id)
        if stored.state == State.PAID:
            raise Refused(_("This month is paid already."))
        if stored.state != State.LOCKED:
            raise Refused(_("Only an approved month is paid."))
        if stored.locked_at is not None and on > today():
            raise Refused(_("%(day)s is still to come. Enter the day it happened.", day=on), "on")
        records.update(stored, state=State.PAID.value, paid_on=on)


# ── factors ────────────────────────────────────────────────────────────────────────────────────


def propose(submission: Submission, value: int, reason: str) -> Factor:
    """Propose the factor of a piece, in hundredths (s0-11-r14). A proposal replaces the one before.

    Raises Refused outside the range of the card, without a reason, or where the piece is paid already.
    """
    with transaction():
        _unpaid(submission)
        on = submission.released_on or today()
        card = card_on(submission.institution_id, on)
        if card is None:
            raise Refused(_("No rate card holds on %(day)s. Enter one first.", day=on), "value")
        if not card.least_factor <= value <= card.most_factor:
            raise Refused(
                _(
                    "A factor is from %(least)s to %(most)s, as “%(card)s” says.",
                    least=f"{card.least_factor / 100:.2f}",
                    most=f"{card.most_factor / 100:.2f}",
                    card=card,
                ),
                "value",
            )
        if not reason.strip():
            raise Refused(_("Say why."), "reason")
        given: dict[str, Any] = {
            "value": value,
            "reason": reason.strip()[:300],
            "state": FactorState.PROPOSED.value,
            "proposed_by": _user(),
            "confirmed_by": None,
        }
        known: Factor | None = Factor.get_or_none(Factor.submission == submission)
        if known is None:
            return records.create(Factor, institution=submission.institution_id, submission=submission, **given)
        records.update(known, **given)
        return known


def decide(factor: Factor, confirmed: bool) -> None:
    """Confirm a proposal, or not. Raises Refused for one's own, for one decided, and for a piece paid already."""
    with transaction():
        stored = Factor.get_by_id(factor.id)
        if stored.state != FactorState.PROPOSED:
            raise Refused(_("This factor is decided already. Propose another one."))
        _unpaid(stored.submission)
        if stored.__data__["proposed_by"] == _user() and _user() is not None:
            raise Refused(_("Somebody else confirms what you propose."))
        state = FactorState.CONFIRMED if confirmed else FactorState.REJECTED
        records.update(stored, state=state.value, confirmed_by=_user())


def _unpaid(submission: Submission) -> None:
    decided = (
        Entry.select()
        .join(Settlement)
        .where(
            Entry.submission == submission,
            Entry.kind == EntryKind.PIECE.value,
            Settlement.state.in_((State.REVIEW.value, *CLOSED)),
        )
        .first()
    )
    if decided is not None:
        raise Refused(_("The fee of this piece is decided (%(month)s).", month=decided.settlement))


def _user() -> int | None:
    identity = current()
    return identity.user.id if identity is not None and identity.user is not None else None
