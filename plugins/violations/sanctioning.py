"""The verbs on sanctions: decide, approve, carry out, end; and what they do to accounts."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from panel.api import (
    Institution,
    Refused,
    _,
    approvals_govern,
    as_decided,
    audit,
    records,
    show_money,
    submit_for_approval,
    today,
    transaction,
)
from plugins.accounts.services import Account, Status, apply_for, change_state
from plugins.violations.cases import progress
from plugins.violations.choices import HOLDING, CaseState, Effect, SanctionState, Verdict
from plugins.violations.common import locked, may_handle, me, past, policy_here
from plugins.violations.ladder import Target, earlier, offered, proposal, targets
from plugins.violations.models import Case, Sanction
from plugins.violations.policy import SanctionStep

SUBJECT = "violations.sanction"
PENDING = (SanctionState.WAITING, SanctionState.DECIDED)
IN_USE = (Status.ACTIVE, Status.IDLE)


def sanction(
    case: Case,
    name: str,
    target: str = "",
    since: date | None = None,
    until: date | None = None,
    amount: int = 0,
    reason: str = "",
) -> Sanction:
    """Decide what follows a founded breach; where a chain governs it, ask for its signatures.

    `target` is the key of one of `ladder.targets`. Raises Refused before the breach is found (s0-01-r10), for what is
    not offered, and for a departure from the proposal without a reason.
    """
    with transaction(), audit.acting(reason=reason.strip()[:300]):
        stored = locked(case)
        person = may_handle(stored, me())
        if stored.verdict != Verdict.FOUNDED or stored.state not in (CaseState.DECIDED, CaseState.CARRIED_OUT):
            raise Refused(_("A sanction needs a breach that was investigated and found to be one."))
        whom = _target(stored, target)
        steps = offered(stored, whom)
        step = next((s for s in steps if s.name == name), None)
        if step is None:
            raise Refused(_("This is not offered for a breach of this kind and severity."), "name")
        before = earlier(stored, whom)
        proposed = proposal(steps, before)
        if proposed is not None and proposed.name != step.name and not reason.strip():
            raise Refused(
                _("The ladder proposes “%(step)s”: give the reason for another.", step=proposed.name), "reason"
            )
        same = Sanction.select().where(Sanction.case == stored, Sanction.name == step.name, Sanction.state.in_(PENDING))
        if any((one.person, one.party_unit, one.account) == (whom.person, whom.unit, whom.account) for one in same):
            raise Refused(_("This is decided already."), "name")
        governed = approvals_govern(stored.institution_id, SUBJECT)
        made = records.create(
            Sanction,
            institution=stored.institution_id,
            case=stored,
            unit=stored.unit,
            name=step.name,
            effect=step.effect,
            article=step.article,
            proposed=proposed.name if proposed else "",
            earlier=before,
            reason=reason.strip(),
            **whom.values,
            **_terms(step, since or today(), until, amount),
            state=(SanctionState.WAITING if governed else SanctionState.DECIDED).value,
            decided_by=None if governed else person,
            decided_on=None if governed else today(),
            due_on=today() + timedelta(days=policy_here(stored.institution_id).carry_out_days or 0),
        )
        progress(case)
        if governed:
            submit_for_approval(made, SUBJECT)
        else:
            _take_effect(made)
    return made


def _target(case: Case, key: str) -> Target:
    found = targets(case)
    if not key:
        return found[0]
    for target in found:
        if target.key == key:
            return target
    raise Refused(_("Choose whom it is for."), "target")


def _terms(step: SanctionStep, since: date, until: date | None, amount: int) -> dict[str, Any]:
    """From when until when, and how much. Raises Refused for a term or an amount the step does not allow."""
    if step.effect == Effect.SUSPEND and until is None:
        if step.days is None:
            raise Refused(_("A suspension has a last day."), "until")
        until = since + timedelta(days=step.days - 1)
    if step.effect not in (Effect.SUSPEND, Effect.LIMIT):
        until = None
    if until is not None and until < since:
        raise Refused(_("The last day is not before the first."), "until")
    if step.effect != Effect.PAY:
        return {"since": since, "until": until, "amount": 0}
    if amount <= 0:
        raise Refused(_("Enter the amount."), "amount")
    if step.ceiling is not None and amount > step.ceiling:
        raise Refused(_("At most %(limit)s yuan.", limit=show_money(step.ceiling)), "amount")
    return {"since": since, "until": None, "amount": amount}


def approved(made: Sanction) -> None:
    """The last signature is given: it is to be carried out."""
    fresh = max(made.due_on, today())
    records.update(made, state=SanctionState.DECIDED.value, decided_on=today(), due_on=fresh)
    _take_effect(made)


def refused(made: Sanction) -> None:
    """There will be no signature: the case waits for another decision."""
    records.update(made, state=SanctionState.REFUSED.value)
    progress(made.case)


def _take_effect(made: Sanction) -> None:
    """What holds in the register of accounts from now on."""
    if made.effect == Effect.SUSPEND and made.account is not None:
        _suspend(made)
    if made.effect == Effect.CLOSE and made.account is not None and made.account.status != Status.CLOSED:
        apply_for("closing", made.account, _("Closed by order: %(case)s", case=made.case))


def _suspend(made: Sanction) -> None:
    account = Account.get_by_id(made.account_id)
    if made.since <= today() and (made.until is None or made.until >= today()) and account.status in IN_USE:
        with as_decided():
            change_state(account, Status.SUSPENDED, _("By sanction: %(case)s", case=made.case))


def carry_out(made: Sanction, note: str = "", on: date | None = None, file: str = "", file_name: str = "") -> None:
    """Note that a sanction is carried out, with what shows it. Raises Refused without, and where nothing is open."""
    if not note.strip() and not file:
        raise Refused(_("Say what shows that it was done, or attach it."), "note")
    with transaction():
        case = locked(made.case)
        stored = Sanction.get_by_id(made.id)
        if stored.state != SanctionState.DECIDED:
            raise Refused(_("This sanction is not waiting to be carried out."))
        records.update(
            made,
            state=SanctionState.CARRIED.value,
            carried_on=past(on, "on"),
            note=note.strip()[:500],
            file=file,
            file_name=file_name[-200:],
        )
        progress(case)


def lift(made: Sanction, reason: str) -> None:
    """End a suspension or bar before its time. Raises Refused without a reason."""
    if not reason.strip():
        raise Refused(_("Give the reason."), "reason")
    with transaction(), audit.acting(reason=reason.strip()[:300]):
        case = locked(made.case)
        may_handle(case, me())
        if Sanction.get_by_id(made.id).state not in HOLDING:
            raise Refused(_("This sanction does not hold any more."))
        _end(made, today())
        progress(case)


def _end(made: Sanction, on: date) -> None:
    records.update(made, state=SanctionState.LIFTED.value, lifted_on=on)
    if made.effect != Effect.SUSPEND or made.account_id is None:
        return
    others = Sanction.select().where(
        Sanction.account == made.account_id,
        Sanction.effect == Effect.SUSPEND,
        Sanction.state.in_(HOLDING),
        Sanction.since <= today(),
    )
    account = Account.get_by_id(made.account_id)
    if account.status == Status.SUSPENDED and not others.exists():
        with as_decided():
            change_state(account, Status.ACTIVE, _("The suspension has ended."))


def settle_suspensions(institution: Institution) -> dict[str, int]:
    """Begin and end what begins and ends today. Safe to repeat; gives how many of each."""
    counts = {"begun": 0, "ended": 0}
    holding = Sanction.select().where(
        Sanction.institution == institution, Sanction.state.in_(HOLDING), Sanction.until.is_null(False)
    )
    with transaction():
        for made in holding.where(Sanction.until < today()):
            _end(made, made.until or today())
            counts["ended"] += 1
        waiting = holding.join(Account).where(
            Sanction.effect == Effect.SUSPEND, Sanction.since <= today(), Account.status.in_(IN_USE)
        )
        for made in list(waiting):
            _suspend(made)
            counts["begun"] += 1
    return counts
