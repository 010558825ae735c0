"""How a request begins: the chain that fits, its steps, the people it would reach."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

from panel import records
from panel.access.identity import current
from panel.approvals import conditions, freeze
from panel.approvals.deciding import open_next
from panel.approvals.declare import Subject, subject_of
from panel.approvals.models import Chain, ChainStep, Request, Task, Who
from panel.approvals.people import People
from panel.audit import current as actor
from panel.database import key_of, transaction
from panel.errors import Refused
from panel.i18n import _, plain, today
from panel.org.models import Institution, Person, Unit

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # none that are taken for another on paper
LONGEST_NOTE = 2000


@dataclass
class Played:
    """A step of a chain as it would be for somebody's subject: where its role is looked for, and who signs."""

    step: ChainStep
    stage: int
    unit_id: int | None
    people: list[Person] = field(default_factory=list)
    passed: list[Person] = field(default_factory=list)  # would sign, were they not the applicant


def submit(row: Any, subject_name: str, note: str = "") -> Request:
    """Ask for a row to be decided by the chain that fits it. Its first steps wait from now on.

    Raises Refused where it is in approval already, no chain fits, or a step would find nobody who signs.
    """
    subject = subject_of(subject_name)
    if len(note) > LONGEST_NOTE:
        raise Refused(_("At most %(count)s characters.", count=LONGEST_NOTE), "note")
    with transaction():
        request = _written(subject, row, note.strip())
        open_next(request, 0)
    return request


def _written(subject: Subject, row: Any, note: str) -> Request:
    institution, unit = row.institution, subject.unit(row)
    values = conditions.values_of(subject, row)
    chain = chain_for(subject, institution, values)
    identity = current()
    user = identity.user if identity else None
    people = People(institution, today())
    played = play(chain, values, unit, people, user.person_id if user else None)
    if not played:
        raise Refused(_("No step of the chain “%(chain)s” is for this. Ask who keeps the chains.", chain=chain))
    for step in played:
        if not step.people:
            raise Refused(nobody(step))
    facts = freeze.facts_of(subject, row)
    request = records.create(
        Request,
        institution=institution,
        subject=subject.name,
        subject_type=key_of(type(row)),
        subject_id=row.id,
        subject_text=str(row)[:200],
        unit=unit,
        chain=chain,
        chain_name=chain.name,
        revision=chain.revision,
        own=chain.own,
        bulk=chain.bulk,
        applicant=user,
        applicant_name=(str(user) if user else actor().user_name)[:60],
        note=note,
        facts=facts,
        facts_hash=freeze.digest(facts),
        code="".join(secrets.choice(ALPHABET) for _i in range(12)),
    )
    records.bulk_create(Task, [_task(request, place, step) for place, step in enumerate(played, 1)])
    return request


def _task(request: Request, position: int, played: Played) -> dict[str, Any]:
    step = played.step
    copied = ("name", "who", "role", "person", "of", "days", "proof", "opinion", "act", "rules")
    return {
        "institution": request.institution,
        "request": request,
        "stage": played.stage,
        "position": position,
        "unit": played.unit_id,
        **{name: step.__data__[name] for name in copied},
    }


def chain_for(subject: Subject, institution: Institution | int, values: dict[str, Any]) -> Chain:
    """The first chain in force whose conditions hold. Raises Refused where there is none."""
    chains = (
        Chain.select()
        .where(Chain.institution == institution, Chain.subject == subject.name, Chain.active)
        .order_by(Chain.position, Chain.id)
    )
    found = list(chains)
    # The one without conditions is the rest, wherever it stands.
    for chain in sorted(found, key=lambda c: not c.when):
        if conditions.fits(chain.when, values):
            return chain
    if found:
        raise Refused(
            _("No approval chain for “%(what)s” fits this one. Ask who keeps the chains.", what=subject.title)
        )
    raise Refused(_("There is no approval chain for “%(what)s” yet. Ask who keeps the chains.", what=subject.title))


def governs(institution: Institution | int, subject_name: str) -> bool:
    """Whether a chain of the institution decides about such a subject."""
    return bool(
        Chain.select().where(Chain.institution == institution, Chain.subject == subject_name, Chain.active).exists()
    )


def play(
    chain: Chain, values: dict[str, Any], unit: Unit, people: People, applicant: int | None, steps: Any = None
) -> list[Played]:
    """The steps that are for these values, with who would sign each. `applicant` is a person's id."""
    without = set() if chain.own or applicant is None else {applicant}
    played: list[Played] = []
    rows = ChainStep.select().where(ChainStep.chain == chain).order_by(ChainStep.position)
    stage = 0
    fresh = True  # a step beside one that is not for this begins a stage of its own
    for step in rows if steps is None else steps:
        if not step.with_previous:
            fresh = True
        if not conditions.fits(step.when, values):
            continue
        if fresh:
            stage, fresh = stage + 1, False
        where = _place(step, unit, people)
        role, person = step.__data__["role"], step.__data__["person"]
        found = people.holders(step.who, role, where, person, without)
        everybody = people.holders(step.who, role, where, person) if without else found
        passed = [p for p in everybody if p.id in without]
        played.append(Played(step, stage, where, found, passed))
    return played


def _place(step: ChainStep, unit: Unit, people: People) -> int | None:
    if step.who == Who.PERSON:
        return None
    if step.who == Who.OFFICE:
        return int(step.__data__["office"])
    return people.parent(unit.id) if step.who == Who.PARENT else unit.id


def nobody(played: Played) -> str:
    """That a step finds nobody, in words."""
    step = played.step
    if step.who == Who.PERSON:
        return _(
            "Step “%(step)s” is to be signed by %(person)s, who cannot sign it. Ask who keeps the chains.",
            step=step,
            person=step.person,
        )
    unit = Unit.get_or_none(Unit.id == played.unit_id)
    if step.who == Who.OFFICE:
        return _("Step “%(step)s”: nobody is “%(role)s” in %(unit)s.", step=step, role=step.role, unit=plain(unit))
    if played.passed:
        return _(
            "Step “%(step)s”: nobody but the applicant is “%(role)s” in %(unit)s or above.",
            step=step,
            role=step.role,
            unit=plain(unit),
        )
    return _("Step “%(step)s”: nobody is “%(role)s” in %(unit)s or above.", step=step, role=step.role, unit=plain(unit))
