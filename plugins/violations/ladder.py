"""What the ladder offers for a breach, and which of its steps it proposes: no more than a proposal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from panel.api import Every, Person, Unit, policy_of, today
from plugins.accounts.services import Account
from plugins.violations.choices import PartyRole, Severity, Verdict, Whom
from plugins.violations.models import Case, Party
from plugins.violations.policy import SanctionStep, ViolationsPolicy
from plugins.violations.shipped import STEPS


@dataclass(frozen=True)
class Target:
    """Whom a sanction is for: the person, unit or account of the case, or a party to it; none: what it is about."""

    key: str  # case, account, party-5
    person: Person | None = None
    unit: Unit | None = None
    account: Account | None = None
    administrator: bool = False

    def __str__(self) -> str:
        return str(self.person or self.unit or self.account or "—")

    @property
    def values(self) -> dict[str, Any]:
        """As columns of a sanction."""
        return {"person": self.person, "party_unit": self.unit, "account": self.account}


def targets(case: Case) -> list[Target]:
    """Whom sanctions of a case may be for, the one it is about first."""
    found = []
    if case.person is not None:
        found.append(Target("case", person=case.person, administrator=case.administrator))
    elif case.accused_unit is not None:
        found.append(Target("case", unit=case.accused_unit, administrator=case.administrator))
    if case.account is not None:
        found.append(Target("account", account=case.account))
    for party in Party.select().where(Party.case == case).order_by(Party.id):
        leads = party.role == PartyRole.ADMINISTRATOR
        found.append(Target(f"party-{party.id}", party.person, party.unit, administrator=leads))
    return found or [Target("case")]


def steps_in_force(institution_id: int, day: date) -> list[SanctionStep]:
    """The institution's ladder of a day, lightest first; the panel's own where it has none at all."""
    rows = list(SanctionStep.select().where(SanctionStep.institution == institution_id))
    rows = rows or [SanctionStep(institution=institution_id, **values) for values in STEPS]
    holding = [
        row
        for row in rows
        if (row.valid_from is None or row.valid_from <= day) and (row.valid_until is None or day <= row.valid_until)
    ]
    return sorted(holding, key=lambda row: (row.position, row.id or 0))


def offered(case: Case, target: Target, day: date | None = None) -> list[SanctionStep]:
    """The steps for a breach of this kind and severity, and for this target. Those of the kind alone, where it has
    some; else the general ones."""
    severity = Severity(case.severity).rank
    fitting = [
        step
        for step in steps_in_force(case.institution_id, day or today())
        if _for(step, target) and Severity(step.least).rank <= severity <= Severity(step.most).rank
    ]
    own = [step for step in fitting if step.breach == case.kind.name]
    chosen = own or [step for step in fitting if not step.breach]
    return list({step.name: step for step in reversed(chosen)}.values())[::-1]


def _for(step: SanctionStep, target: Target) -> bool:
    if step.whom == Whom.ANYBODY:
        return True
    if step.whom == Whom.ACCOUNT:
        return target.account is not None or (target.person is None and target.unit is None)
    return target.account is None and (step.whom == Whom.PERSON or target.administrator)


def earlier(case: Case, target: Target) -> int:
    """How many other founded cases the target had within the period that counts."""
    policy = policy_of(ViolationsPolicy, case.institution_id, today())
    months = policy.repeat_months if policy else None
    query = Case.select().where(
        Case.institution == case.institution_id, Case.verdict == Verdict.FOUNDED, Case.id != case.id
    )
    if target.person is not None:
        query = query.where(Case.person == target.person)
    elif target.unit is not None:
        query = query.where(Case.accused_unit == target.unit)
    elif target.account is not None:
        query = query.where(Case.account == target.account)
    else:
        return 0
    if months:
        query = query.where(Case.decided_at >= _moment(Every(months=-months).after(today())))
    return int(query.count())


def _moment(day: date) -> Any:
    from datetime import UTC, datetime

    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def proposal(steps: Sequence[SanctionStep], before: int) -> SanctionStep | None:
    """The gravest step that so many earlier cases lead to: each one leads a step up, where the ladder does not say
    from how many on."""
    found = steps[0] if steps else None
    for place, step in enumerate(steps):
        if (step.after if step.after is not None else place) <= before:
            found = step
    return found
